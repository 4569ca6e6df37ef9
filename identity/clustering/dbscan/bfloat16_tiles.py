"""bfloat16 tiles: NumKong's products of rows rounded to 8 significant bits, summed in float32. The extra `fast`.

Rows are rounded here, so their part of the error is measured (`rounding`, 4). Their products are exact in float32, and
what remains is how NumKong sums them: with VDPBF16PS, TDPBF16PS, BFDOT or BFMOPA where the processor has them, else
with float32's own operations. Its kernels are compiled and chosen by the processor, so `sums_in_float32` asks each
machine once, with sums that come out exact in float32 whatever their order and wrong in anything narrower.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from identity.clustering.dbscan.parallel import largest_of
from identity.clustering.dbscan.rounding import BFLOAT16_SUM_ROUNDOFF, Band, band, residual_bound, round_outward
from identity.clustering.dbscan.tiles import Spreads, Stripe, tile_of
from identity.core.types import Vectors

Narrow = NDArray[np.uint16]  # bfloat16, bit by bit: numpy has no such type
NATIVE = ("genoa", "sapphireamx", "graniteamx", "neonbfdot", "svebfdot", "smebf16")  # NumKong's names


@dataclass(frozen=True, slots=True)
class BFloat16Tiles:
    """Products between rows and columns that were rounded to bfloat16."""

    rows: Narrow  # (n, dim)
    columns: Narrow  # (m, dim)
    spreads: Spreads

    @classmethod
    def over(cls, rows: Vectors, columns: Vectors, spreads: Spreads) -> BFloat16Tiles:
        """Round two sets of checked vectors, given the spread of the stored rows."""
        narrow, residual = round_to_bfloat16(rows)
        first = replace(spreads[0], residual=residual)
        if columns is rows:
            return cls(narrow, narrow, (first, first))
        turned, residual = round_to_bfloat16(columns)
        return cls(narrow, turned, (first, replace(spreads[1], residual=residual)))

    @property
    def unit(self) -> float:
        """As the numbers are."""
        return 1.0

    def band(self, eps: float, rows: slice, columns: slice) -> Band:  # noqa: ARG002
        """The band of all tiles, rounded outwards to float32."""
        return round_outward(band(*self.spreads, eps=eps, dim=self.rows.shape[1], roundoff=BFLOAT16_SUM_ROUNDOFF))

    def stripe(self, columns: slice) -> Stripe:
        """A product per tile, with columns that NumKong has laid out once."""
        packed = _numkong().dots_pack(_tensor_view(self.columns[columns], "bfloat16"))
        return lambda rows, out: multiply_into(self.rows[rows], packed, tile_of(out, rows, columns))

    def among(self, numbers: NDArray[np.intp]) -> Self:
        """A copy of these rows, beside the same columns."""
        return replace(self, rows=self.rows[numbers])


def round_to_bfloat16(vectors: Vectors) -> tuple[Narrow, float]:
    """The rows (n, dim) as bfloat16, to nearest and ties to even, and a bound of the largest ||x~ - x|| of any row."""
    narrow = np.empty(vectors.shape, np.uint16)
    furthest = largest_of(lambda part: _round_into(vectors[part], narrow[part]), vectors)
    return narrow, residual_bound(furthest**0.5, dim=vectors.shape[1])


def _round_into(vectors: Vectors, out: Narrow) -> float:
    bits = vectors.view(np.uint32)
    out[:] = (bits + (np.uint32(0x7FFF) + ((bits >> 16) & 1))) >> 16
    error = widen(out)
    error -= vectors
    return float(np.einsum("ij,ij->i", error, error).max())


def widen(narrow: Narrow) -> Vectors:
    """The float32 numbers that these bfloat16 are."""
    return (narrow.astype(np.uint32) << 16).view(np.float32)


def multiply_into(rows: Narrow, packed: Any, out: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows (m, dim) times packed columns (n, dim), written into `out` (m, n)."""
    _numkong().dots_packed(_tensor_view(rows, "bfloat16"), packed, out=_tensor_view(out, "float32"))
    return out


def is_installed() -> bool:
    """Whether NumKong is here."""
    return find_spec("numkong") is not None


@cache
def is_native() -> bool:
    """Whether NumKong is here and the processor multiplies bfloat16 itself: elsewhere float32 is faster."""
    return is_installed() and any(_numkong().get_capabilities().get(name, False) for name in NATIVE)


@cache
def sums_in_float32() -> bool:
    """Whether NumKong's sums keep all 24 bits of float32 on this machine, in tall, flat and odd shapes."""
    return all(_sums_in_float32(*shape) for shape in ((1, 64, 1), (67, 131, 35), (4, 512, 64), (16, 32, 16)))


def _sums_in_float32(height: int, depth: int, width: int) -> bool:
    signs = np.where(np.arange(depth) % 3, 1.0, -1.0)
    rows, columns = np.full((height, depth), 2.0**-12) * signs, np.full((width, depth), 2.0**-11)
    rows[np.arange(height), np.arange(height) % depth] = 1
    columns[np.arange(width), np.arange(width) % depth] = 1
    return _is_product(rows, columns) and _is_product(_odd_integers(height, depth), _odd_integers(width, depth))


def _odd_integers(n: int, depth: int) -> NDArray[np.float64]:
    """Odd integers of eight bits, 64 of them in a row, the rest 0: all eight bits count, no sum leaves 24 bits."""
    numbers = (np.arange(n)[:, None] * 37 + np.arange(depth) * 11) % 128 * 2 - 127.0
    return np.where(np.arange(depth) < 64, numbers * 2 + np.sign(numbers), 0.0)


def _is_product(rows: NDArray[np.float64], columns: NDArray[np.float64]) -> bool:
    found = np.empty((len(rows), len(columns)), np.float32)
    (left, _), (right, _) = (round_to_bfloat16(one.astype(np.float32)) for one in (rows, columns))
    multiply_into(left, _numkong().dots_pack(_tensor_view(right, "bfloat16")), found)
    return bool((found == rows @ columns.T).all())


def _tensor_view(array: NDArray[Any], dtype: str) -> Any:
    """The array as NumKong sees it, without a copy: C-contiguous, kept alive by the view."""
    return _numkong().from_pointer(array.ctypes.data, array.shape, dtype, owner=array)


@cache
def _numkong() -> Any:
    import numkong

    return numkong
