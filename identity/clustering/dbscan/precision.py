"""Which coarse tiles rule out most pairs: the fastest kind that is exact on this machine and installed.

A tile of 1024 x 1024 x 512 on one core with VNNI and AVX512-BF16, no AMX: 8 bits 2.8 ms, bfloat16 9.3 ms,
float32 11.4 ms. So `auto` takes 8 bits where a product of them is exact, else bfloat16 where NumKong is installed, sums
in float32 and finds a processor that multiplies bfloat16 itself, else float32.
"""

from __future__ import annotations

from typing import Literal

from identity.clustering.dbscan import bfloat16_tiles, integer_products
from identity.clustering.dbscan.bfloat16_tiles import BFloat16Tiles
from identity.clustering.dbscan.integer_tiles import MAX_DIM, IntegerTiles
from identity.clustering.dbscan.tiles import Float32Tiles, Spreads, Tiles
from identity.core.errors import ClusteringError
from identity.core.types import Vectors

Precision = Literal["auto", "float32", "bfloat16", "int8"]


def coarse_tiles(rows: Vectors, columns: Vectors, spreads: Spreads, *, precision: str) -> tuple[Tiles, ...]:
    """The coarse tiles for a precision, none where float32 is the coarsest.

    Raises `ClusteringError` for a precision that is not known or not to be had here.
    """
    match resolve(precision, dim=rows.shape[1]):
        case "int8":
            return (IntegerTiles.over(rows, columns, spreads),)
        case "bfloat16":
            return (BFloat16Tiles.over(rows, columns, spreads),)
        case _:
            return ()


def coarsest_tiles(rows: Vectors, columns: Vectors, spreads: Spreads, *, precision: str) -> Tiles:
    """The fastest tiles of this precision. Raises as `coarse_tiles` does."""
    return (*coarse_tiles(rows, columns, spreads, precision=precision), Float32Tiles(rows, columns, spreads))[0]


def resolve(precision: str, *, dim: int) -> str:
    """The precision itself, "auto" resolved to the fastest one. Raises as `coarse_tiles` does."""
    match precision:
        case "auto":
            return _fastest(dim)
        case "int8" if not has_int8(dim):
            raise ClusteringError("8-bit products are not exact on this machine: use precision auto or float32")
        case "bfloat16" if not bfloat16_tiles.is_installed():
            raise ClusteringError("precision bfloat16 needs NumKong: pip install 'identity-search[fast]'")
        case "bfloat16" if not bfloat16_tiles.sums_in_float32():
            raise ClusteringError("NumKong's sums fall short of float32 here: use precision auto or float32")
        case "float32" | "bfloat16" | "int8":
            return precision
        case _:
            raise ClusteringError(f"precision '{precision}' is not known: give auto, float32, bfloat16 or int8")


def has_int8(dim: int) -> bool:
    """Whether 8-bit products of this dimension are exact here."""
    return dim <= MAX_DIM and integer_products.exact_product() is not None


def _fastest(dim: int) -> str:
    if has_int8(dim):
        return "int8"
    return "bfloat16" if bfloat16_tiles.is_native() and bfloat16_tiles.sums_in_float32() else "float32"
