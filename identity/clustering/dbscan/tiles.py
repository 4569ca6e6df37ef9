"""Dot products of rows with columns, a tile at a time, and how wrong they can be: the part that costs the time.

Here are numpy's own GEMMs, float32 on the stored rows and float64 on the same rows widened. `integer_tiles`
is faster and coarser; whatever it cannot decide comes back to these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from identity.clustering.dbscan.rounding import FLOAT32_ROUNDOFF, FLOAT64_ROUNDOFF, Band, Spread, band, round_outward
from identity.core.types import Vectors

Products: TypeAlias = NDArray[np.float32] | NDArray[np.float64] | NDArray[np.int32]
Memory: TypeAlias = NDArray[np.float32]  # flat, as large as the largest tile, for the tiles to write into
Stripe: TypeAlias = Callable[[slice, Memory], Products]  # rows against one block of columns: (rows, columns)
Spreads: TypeAlias = tuple[Spread, Spread]


class Tiles(Protocol):
    """Dot products between rows (n, dim) and columns (m, dim), in units of their own."""

    @property
    def unit(self) -> float:
        """What a product of 1 stands for."""

    def band(self, eps: float, rows: slice, columns: slice) -> Band:
        """The products of this tile, in these units, that cannot be decided at cosine distance eps."""

    def stripe(self, columns: slice) -> Stripe:
        """What multiplies any rows with these columns; made once for many tiles."""

    def among(self, numbers: NDArray[np.intp]) -> Self:
        """The same with these rows only."""


@dataclass(frozen=True, slots=True)
class Float32Tiles:
    """numpy's float32 GEMM on the stored rows themselves."""

    rows: Vectors
    columns: Vectors
    spreads: Spreads

    @property
    def unit(self) -> float:
        """As the numbers are."""
        return 1.0

    def band(self, eps: float, rows: slice, columns: slice) -> Band:  # noqa: ARG002
        """The float32 band of all tiles, rounded outwards."""
        return round_outward(band(*self.spreads, eps=eps, dim=self.rows.shape[1], roundoff=FLOAT32_ROUNDOFF))

    def stripe(self, columns: slice) -> Stripe:
        """A GEMM per tile."""
        turned = self.columns[columns].T
        return lambda rows, out: np.matmul(self.rows[rows], turned, out=tile_of(out, rows, columns))

    def among(self, numbers: NDArray[np.intp]) -> Self:
        """A copy of these rows, beside the same columns."""
        return replace(self, rows=self.rows[numbers])


@dataclass(frozen=True, slots=True)
class Float64Tiles:
    """numpy's float64 GEMM on the same rows: settles tiles that hold too many pairs to look at one by one."""

    rows: Vectors
    columns: Vectors

    @property
    def unit(self) -> float:
        """As the numbers are."""
        return 1.0

    def band(self, eps: float, rows: slice, columns: slice) -> Band:
        """The float64 band of this tile, some 10^9 times narrower than float32's where its lengths agree."""
        first, second = self.rows[rows].astype(np.float64), self.columns[columns].astype(np.float64)
        return band(
            Spread.of(first), Spread.of(second), eps=eps, dim=first.shape[1], roundoff=FLOAT64_ROUNDOFF
        )

    def stripe(self, columns: slice) -> Stripe:
        """A GEMM per tile, in memory of its own: nothing float64 fits the tile's."""
        turned = self.columns[columns].astype(np.float64).T
        return lambda rows, _: np.asarray(self.rows[rows].astype(np.float64) @ turned)

    def among(self, numbers: NDArray[np.intp]) -> Self:
        """A copy of these rows, beside the same columns."""
        return replace(self, rows=self.rows[numbers])


def spreads_of(rows: Vectors, columns: Vectors) -> Spreads:
    """The spread of the rows and of the columns, measured once where they are the same."""
    first = Spread.of(rows)
    return first, first if columns is rows else Spread.of(columns)


def tile_of(memory: Memory, rows: slice, columns: slice) -> NDArray[np.float32]:
    """The start of the memory, shaped (rows, columns)."""
    height, width = rows.stop - rows.start, columns.stop - columns.start
    return memory[: height * width].reshape(height, width)
