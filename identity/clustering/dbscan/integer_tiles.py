"""8-bit tiles: exact integer products of rounded rows, up to four times the speed of float32.

Rows become x~ = scale * k with integers |k| <= 127. Their products are summed exactly in int32 (`integer_products`), so
the only error is the rounding of the rows, whose size is measured (`rounding`, 4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from identity.clustering.dbscan.integer_products import LARGEST, ZERO, IntegerProduct, exact_product
from identity.clustering.dbscan.parallel import largest_of
from identity.clustering.dbscan.rounding import Band, band, residual_bound
from identity.clustering.dbscan.tiles import Spreads, Stripe, tile_of
from identity.core.types import Vectors

MAX_DIM = 1 << 15  # 2^15 * 255 * 255 < 2^31: no sum leaves int32


@dataclass(frozen=True, slots=True)
class IntegerTiles:
    """8-bit products between rows and columns that were rounded with the same scale."""

    rows: NDArray[np.uint8]  # (n, dim), k + 128
    columns: NDArray[np.uint8]  # (m, dim), k + 128
    scale: float
    spreads: Spreads
    product: IntegerProduct

    @classmethod
    def over(cls, rows: Vectors, columns: Vectors, spreads: Spreads) -> IntegerTiles:
        """Round two sets of checked vectors, given the spread of the stored rows."""
        product = exact_product()
        assert product is not None  # `precision` asks before it takes this kind
        largest = max(float(side) for part in (rows, columns) for side in (part.max(), -part.min()))
        scale = float(np.float32(largest / LARGEST))
        narrow, residual = round_to_integers(rows, scale)
        first = replace(spreads[0], residual=residual)
        if columns is rows:
            return cls(narrow, narrow, scale, (first, first), product)
        turned, residual = round_to_integers(columns, scale)
        return cls(narrow, turned, scale, (first, replace(spreads[1], residual=residual)), product)

    @property
    def unit(self) -> float:
        """Of a product of two integers."""
        return self.scale**2

    def band(self, eps: float, rows: slice, columns: slice) -> Band:  # noqa: ARG002
        """The band of all tiles in units of scale^2, moved outwards onto integers and one further for the division."""
        undecided = band(*self.spreads, eps=eps, dim=self.rows.shape[1], roundoff=0.0)
        return Band(
            float(np.floor(undecided.low / self.unit) - 1), float(np.ceil(undecided.high / self.unit) + 1)
        )

    def stripe(self, columns: slice) -> Stripe:
        """An integer GEMM per tile."""
        laid_out = self.product.laid_out(self.columns[columns])
        return lambda rows, out: self.product.into(
            self.rows[rows], laid_out, tile_of(out, rows, columns).view(np.int32)
        )

    def among(self, numbers: NDArray[np.intp]) -> Self:
        """A copy of these rows, beside the same columns."""
        return replace(self, rows=self.rows[numbers])


def round_to_integers(vectors: Vectors, scale: float) -> tuple[NDArray[np.uint8], float]:
    """The rows as k + 128 (n, dim), and a bound of the largest ||x - scale k|| of any row."""
    narrow = np.empty(vectors.shape, np.uint8)
    furthest = largest_of(lambda part: _round_into(vectors[part], np.float32(scale), narrow[part]), vectors)
    return narrow, residual_bound(furthest**0.5, dim=vectors.shape[1])


def _round_into(vectors: Vectors, scale: np.float32, out: NDArray[np.uint8]) -> float:
    k = vectors * (np.float32(1) / scale)
    np.rint(k, out=k)
    np.clip(k, -LARGEST, LARGEST, out=k)
    np.add(k, np.float32(ZERO), out=out, casting="unsafe")
    k *= scale
    np.subtract(vectors, k, out=k)
    return float(np.einsum("ij,ij->i", k, k).max())
