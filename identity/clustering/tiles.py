"""Dot products of rows with columns, a tile at a time, and how wrong they can be: the part that costs the time.

`Float32Tiles` is numpy's own GEMM, `Float64Tiles` the same on rows widened for the tile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from identity.clustering.checks import squared_lengths
from identity.clustering.rounding import FLOAT32_ROUNDOFF, FLOAT64_ROUNDOFF, Band, Spread, band, outward
from identity.core.errors import ClusteringError
from identity.core.types import Vectors

Products = NDArray[np.float32] | NDArray[np.float64]


class Tiles(Protocol):
    """Dot products between rows (n, dim) and columns (m, dim)."""

    def band(self, eps: float) -> Band:
        """The products that these tiles cannot decide at cosine distance eps."""

    def products(self, rows: slice, columns: slice, out: NDArray[np.float32]) -> Products:
        """The tile (rows, columns), in the memory of `out`, flat and large enough, where its type allows."""


@dataclass(frozen=True, slots=True)
class Float32Tiles:
    """numpy's float32 GEMM on the stored rows themselves."""

    rows: Vectors
    columns: Vectors
    spreads: tuple[Spread, Spread]

    @classmethod
    def over(cls, rows: Vectors, columns: Vectors) -> Float32Tiles:
        """Tiles between two sets of checked vectors; the lengths are measured here, once."""
        return cls(rows, columns, (Spread.of(squared_lengths(rows)), Spread.of(squared_lengths(columns))))

    def band(self, eps: float) -> Band:
        """The float32 band, rounded outwards."""
        undecided = band(*self.spreads, eps=eps, dim=self.rows.shape[1], roundoff=FLOAT32_ROUNDOFF)
        return outward(undecided)

    def products(self, rows: slice, columns: slice, out: NDArray[np.float32]) -> Products:
        """One GEMM."""
        tile = out[: (rows.stop - rows.start) * (columns.stop - columns.start)]
        tile = tile.reshape(rows.stop - rows.start, columns.stop - columns.start)
        return np.matmul(self.rows[rows], self.columns[columns].T, out=tile)


@dataclass(frozen=True, slots=True)
class Float64Tiles:
    """numpy's float64 GEMM on the same rows: settles tiles that hold too many pairs to look at one by one."""

    rows: Vectors
    columns: Vectors
    spreads: tuple[Spread, Spread]

    def band(self, eps: float) -> Band:
        """The float64 band, some 10^9 times narrower than float32's where the lengths agree."""
        return band(*self.spreads, eps=eps, dim=self.rows.shape[1], roundoff=FLOAT64_ROUNDOFF)

    def products(self, rows: slice, columns: slice, out: NDArray[np.float32]) -> Products:  # noqa: ARG002
        """One GEMM, in memory of its own."""
        return np.asarray(self.rows[rows].astype(np.float64) @ self.columns[columns].astype(np.float64).T)


def chosen_tiles(rows: Vectors, columns: Vectors, *, precision: str) -> Tiles:
    """The tiles for a precision: auto, float32 or bfloat16."""
    if precision not in {"auto", "float32", "bfloat16"}:
        raise ClusteringError(f"precision '{precision}' is not known: give auto, float32 or bfloat16")
    return Float32Tiles.over(rows, columns)
