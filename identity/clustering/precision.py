"""Which coarse tiles rule out most pairs: the fastest kind that this machine and this installation have."""

from __future__ import annotations

from typing import Literal

from identity.clustering.integer_tiles import MAX_DIM, IntegerTiles, is_exact
from identity.clustering.tiles import Spreads, Tiles
from identity.core.errors import ClusteringError
from identity.core.types import Vectors

Precision = Literal["auto", "float32", "int8"]


def coarse_tiles(rows: Vectors, columns: Vectors, spreads: Spreads, *, precision: str) -> tuple[Tiles, ...]:
    """The coarse tiles for a precision, none where float32 is the coarsest.

    Raises `ClusteringError` for a precision that is not known or not to be had here.
    """
    match precision:
        case "float32":
            return ()
        case "auto":
            return _integer(rows, columns, spreads) if has_int8(rows.shape[1]) else ()
        case "int8" if has_int8(rows.shape[1]):
            return _integer(rows, columns, spreads)
        case "int8":
            raise ClusteringError("8-bit products are not exact on this machine: use precision auto or float32")
        case _:
            raise ClusteringError(f"precision '{precision}' is not known: give auto, float32 or int8")


def has_int8(dim: int) -> bool:
    """Whether 8-bit products of this dimension are exact here."""
    return dim <= MAX_DIM and is_exact()


def _integer(rows: Vectors, columns: Vectors, spreads: Spreads) -> tuple[Tiles, ...]:
    return (IntegerTiles.over(rows, columns, spreads),)
