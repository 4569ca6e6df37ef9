"""Euclidean distances bit by bit as the `hdbscan` library has them, and the products that can still be that near.

The library sums squared differences of float64 numbers one after the other. Equal distances decide its tree, so the
last bit matters: here the same sums are taken in the same order, of the few pairs that a tile could not rule out.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from identity.clustering.dbscan.parallel import slices, usable_cores
from identity.clustering.dbscan.tiles import Products, Tiles
from identity.core.types import Vectors

Rows = NDArray[np.intp]
Distances = NDArray[np.float64]

EVALUATED_VALUES = 1 << 18  # float64 values at once: 2 MiB, about the cache of a core
FURTHEST = 2.05  # cosine distance: lengths are within 1 % of 1, so ||x - y||^2 / 2 <= 2.0402
ROOT = 1 + 2.0**-50  # squaring a rounded root and rounding again loses less than this factor
EVERYTHING = slice(0, 0)  # bands of the tiles used here hold for all rows and columns


def distances_of(rows: Vectors, i: Rows, j: Rows) -> Distances:
    """||x_i - x_j|| (m,) of the pairs i (m,), j (m,): float64, summed from the first number to the last."""
    found = np.empty(len(i), np.float64)
    step = max(1, EVALUATED_VALUES // rows.shape[1])

    def evaluate(part: slice) -> None:
        difference = rows[i[part]].astype(np.float64)
        difference -= rows[j[part]]
        difference *= difference
        found[part] = np.sqrt(np.add.accumulate(difference, axis=1, out=difference)[:, -1])

    parts = slices(0, len(i), step)
    if len(parts) < 2:
        for part in parts:
            evaluate(part)
        return found
    with ThreadPoolExecutor(usable_cores()) as pool:
        list(pool.map(evaluate, parts))
    return found


def margin_of(tiles: Tiles) -> float:
    """How far below another's a product may lie, in the units of the tiles, while its pair is as near or nearer.

    A product p makes its pair a neighbour at the eps whose band ends at p (`rounding`), and no pair below the start
    of that band is one. The width of the band grows with eps: the widest is taken.
    """
    widest = tiles.band(FURTHEST, EVERYTHING, EVERYTHING)
    return float(np.nextafter(np.float32(widest.high - widest.low), np.float32(np.inf)))


def least_products(tiles: Tiles, distances: Distances, dtype: np.dtype[Any]) -> Products:
    """Products (m,) below which no pair lies within these Euclidean distances (m,), in the units of the tiles.

    The start of the band falls with slope -1 in eps, but for a slack that is largest at FURTHEST.
    """
    eps = np.minimum(distances**2 / 2 * ROOT, FURTHEST)
    start = tiles.band(FURTHEST, EVERYTHING, EVERYTHING).low
    least = start + (FURTHEST - eps) / tiles.unit
    return lowered(least, dtype)


def lowered(products: NDArray[np.float64], dtype: np.dtype[Any]) -> Products:
    """The products in the type of a tile, rounded down and further than any rounding before can have moved them."""
    if np.issubdtype(dtype, np.signedinteger):
        return (np.floor(products) - 1).astype(np.int32)
    single, lowest = products.astype(np.float32), np.float32(-np.inf)
    return np.asarray(np.nextafter(np.nextafter(single, lowest), lowest))
