"""Each sample's nearest others, exactly, from tiles: core distances, and most edges that a spanning tree needs.

A block of rows goes through all columns. What lies below a row's k-th largest product by more than the rounding can
explain is not among its k nearest; the few that remain are evaluated in float64. Memory: O(n k) and a tile per thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from identity.clustering.dbscan.parallel import Scratch, run_longest_first, slices
from identity.clustering.dbscan.tiles import Products, Tiles
from identity.clustering.hierarchy.distances import Distances, Rows, distances_of, lowered, margin_of
from identity.core.stopping import STOPPING
from identity.core.types import Vectors

TILE_ROWS = 1024
TILE_COLUMNS = 1024
LOWEST = -float(2**30)  # below any product in any unit
MOST_TIED = 16  # times k candidates a row, on average: more are equal distances everywhere, and no list holds them


class TiedEverywhereError(Exception):
    """So many equal distances that lists of the nearest would hold a good part of all pairs."""


@dataclass(frozen=True, slots=True)
class Neighbourhoods:
    """Pairs (p,), (p,) with their distances, by row and then distance, and how far each row's list reaches (n,).

    Of a row every other one within `reach` is listed.
    """

    row: Rows
    other: Rows
    distance: Distances
    reach: Distances


@dataclass(slots=True)
class Candidates:
    """What may be among the k nearest of a block of rows: row in the block, column, product."""

    k: int
    margin: float
    cut: Products  # (rows,) products below it are out
    row: Rows
    column: Rows
    product: Products

    def add(self, row: Rows, column: Rows, product: Products) -> None:
        """Take what reached the cut; thin out when that has doubled the number."""
        self.row = np.concatenate([self.row, row])
        self.column = np.concatenate([self.column, column])
        self.product = np.concatenate([self.product, product])
        if len(self.row) > 2 * self.k * len(self.cut):
            self.thin()

    def thin(self) -> None:
        """Raise the cuts to what the k-th largest products allow, and drop what lies below."""
        order = np.lexsort((-self.product, self.row))
        self.row, self.column, self.product = self.row[order], self.column[order], self.product[order]
        first = np.searchsorted(self.row, np.arange(len(self.cut) + 1))
        full = np.flatnonzero(np.diff(first) >= self.k)
        kth = self.product[first[full] + self.k - 1]
        self.cut[full] = np.maximum(self.cut[full], lowered(kth - np.float64(self.margin), kth.dtype))
        kept = self.product >= self.cut[self.row]
        self.row, self.column, self.product = self.row[kept], self.column[kept], self.product[kept]
        if len(self.row) > MOST_TIED * (self.k + 2) * len(self.cut):
            raise TiedEverywhereError


def nearest_of(rows: Vectors, tiles: Tiles, *, k: int) -> Neighbourhoods:
    """The k nearest others of every row (n, dim), those as near as the k-th included; 1 <= k < n.

    Raises `TiedEverywhereError` where equal distances make the lists too long.
    """
    found: dict[int, tuple[Rows, Rows]] = {}

    def work(block: slice, scratch: Scratch) -> None:
        found[block.start] = _candidates(tiles, block, scratch, n=len(rows), k=k)

    run_longest_first(work, slices(0, len(rows), TILE_ROWS), tile=TILE_ROWS * TILE_COLUMNS)
    row = np.concatenate([found[at][0] for at in sorted(found)])
    other = np.concatenate([found[at][1] for at in sorted(found)])
    distance = distances_of(rows, row, other)
    order = np.lexsort((distance, row))
    row, other, distance = row[order], other[order], distance[order]
    reach = distance[np.searchsorted(row, np.arange(len(rows))) + k - 1]
    kept = distance <= reach[row]
    return Neighbourhoods(row[kept], other[kept], distance[kept], reach)


def _candidates(tiles: Tiles, block: slice, scratch: Scratch, *, n: int, k: int) -> tuple[Rows, Rows]:
    columns = sorted(slices(0, n, TILE_COLUMNS), key=lambda part: abs(part.start - block.start))
    kept: Candidates | None = None
    for part in columns:
        STOPPING.check()
        products = tiles.stripe(part)(block, scratch.tile)
        if kept is None:
            kept = _no_candidates(products, k=k, margin=margin_of(tiles))
        mask = np.greater_equal(products, kept.cut[:, None], out=scratch.mask[: products.size].reshape(products.shape))
        if part.start == block.start:
            np.fill_diagonal(mask, val=False)  # blocks and parts have the same bounds
        i, j = np.divmod(np.flatnonzero(mask), products.shape[1])
        kept.add(i, j + part.start, products[i, j])
    assert kept is not None
    kept.thin()
    return kept.row + block.start, kept.column


def _no_candidates(products: Products, *, k: int, margin: float) -> Candidates:
    """None yet, with the cuts that a first tile allows: k others and the row itself are in it, where it is so wide."""
    height, width = products.shape
    cut = np.full(height, LOWEST)
    if width > k + 1:
        ordered = products.copy()
        ordered.partition(width - k - 1, axis=1)
        cut = ordered[:, width - k - 1] - np.float64(margin)
    none = np.empty(0, np.intp)
    return Candidates(k, margin, lowered(cut, products.dtype), none, none, products.ravel()[none])
