"""All pairs within eps, exactly, streamed tile by tile to whoever needs them.

A pair is a neighbour iff ||x - y||^2 <= 2 eps, evaluated in float64 on the stored float32 rows. A tile's products
decide every pair outside the band of `rounding`; the few inside are evaluated one by one. Where a tile holds many of
them, the next finer kind of tile goes first: heads, 8 bits, then float32, then float64. Pairs inside one of the groups
that the caller knows already are left out before any of this: where samples lie dense, that is nearly all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.clustering.dbscan.head_tiles import head_tiles
from identity.clustering.dbscan.pair_products import pair_products
from identity.clustering.dbscan.parallel import Scratch, run_longest_first, slices
from identity.clustering.dbscan.precision import coarse_tiles
from identity.clustering.dbscan.tiles import Float32Tiles, Float64Tiles, Stripe, Tiles, spreads_of
from identity.core.stopping import STOPPING
from identity.core.types import Vectors

TILE_ROWS = 1024
TILE_COLUMNS = 1024
EVALUATED_VALUES = 1 << 18  # float64 values at once where pairs are evaluated: 2 MiB, about the cache of a core
CROWDED = 1 / 64  # of a tile's pairs: from there comparing the groups of all pairs is cheaper than of each (measured)
MANY = 1 / 128  # of a tile's pairs: from there a finer tile is cheaper than evaluating one by one (measured)
MANY_COARSE = 1 / 32  # the same where a finer tile means float32, and one by one its products (measured)
FEW = 64  # pairs: fewer are evaluated in float64 at once

EVERY = slice(0, 0)  # a float32 band holds for all rows and columns

Hits = tuple[NDArray[np.intp], NDArray[np.intp]]
Sink = Callable[[slice, slice, NDArray[np.intp], NDArray[np.intp]], None]
Groups = NDArray[np.int32]  # (n,) of every sample
Numbers = NDArray[np.intp]  # of pairs in a tile, row by row


@dataclass(frozen=True, slots=True)
class Tile:
    """A block of pairs, and the groups whose own pairs nobody needs."""

    rows: slice
    columns: slice
    groups: Groups | None = None

    @property
    def width(self) -> int:
        """How many columns."""
        return int(self.columns.stop - self.columns.start)

    @property
    def size(self) -> int:
        """How many pairs."""
        return int(self.rows.stop - self.rows.start) * self.width

    def pairs_in(self, mask: NDArray[np.bool_]) -> Numbers:
        """The pairs that the mask (size,) holds, but for those inside one group; the mask may be changed."""
        if self.groups is None:
            return np.flatnonzero(mask)
        first, second = self.groups[self.rows], self.groups[self.columns]
        if np.count_nonzero(mask) > CROWDED * self.size:
            mask &= (first[:, None] != second).ravel()
            return np.flatnonzero(mask)
        pairs = np.flatnonzero(mask)
        i, j = np.divmod(pairs, self.width)
        apart: NDArray[np.bool_] = first[i] != second[j]
        return pairs[apart]


def squared_distances(x: Vectors, y: Vectors) -> NDArray[np.float64]:
    """||x - y||^2 (m,) of rows x (m, dim) with rows y (m, dim) in float64: the definition everything agrees with."""
    difference = x.astype(np.float64)
    difference -= y
    difference *= difference
    return np.asarray(difference.sum(axis=-1))


@dataclass(frozen=True, slots=True)
class Relation:
    """Who is a neighbour of whom between rows (n, dim) and columns (m, dim), decided exactly.

    `tiles` run from the coarsest to the finest kind; the last two are float32's and float64's.
    """

    rows: Vectors
    columns: Vectors
    eps: float
    tiles: tuple[Tiles, ...]

    def hits(self, stripe: Stripe, tile: Tile, scratch: Scratch) -> Hits:
        """Row and column numbers, inside the tile, of its neighbours; row-major order."""
        return np.divmod(self._decide(0, stripe, tile, scratch), tile.width)

    def _decide(self, kind: int, stripe: Stripe, tile: Tile, scratch: Scratch) -> Numbers:
        undecided = self.tiles[kind].band(self.eps, tile.rows, tile.columns)
        products = stripe(tile.rows, scratch.tile).ravel()
        above = np.greater_equal(products, products.dtype.type(undecided.low), out=scratch.mask[: products.size])
        near = tile.pairs_in(above)
        unsure = products[near] < products.dtype.type(undecided.high)
        if not unsure.any():
            return near
        accepted = ~unsure
        accepted[unsure] = self._settle(kind, near[unsure], tile, scratch)
        return near[accepted]

    def _settle(self, kind: int, pairs: Numbers, tile: Tile, scratch: Scratch) -> NDArray[np.bool_]:
        """Which of these pairs of a tile are neighbours, beyond the rounding of its kind."""
        coarse = kind < len(self.tiles) - 2
        if kind + 1 < len(self.tiles) and len(pairs) > (MANY_COARSE if coarse else MANY) * tile.size:
            finer = self._decide(kind + 1, self.tiles[kind + 1].stripe(tile.columns), tile, scratch)
            scratch.mask[: tile.size] = False
            scratch.mask[finer] = True
            return scratch.mask[pairs]
        i, j = np.divmod(pairs, tile.width)
        i, j = i + tile.rows.start, j + tile.columns.start
        return self._decide_singly(i, j) if coarse and len(pairs) > FEW else self._evaluate(i, j)

    def _decide_singly(self, i: Numbers, j: Numbers) -> NDArray[np.bool_]:
        """Which pairs of rows i with columns j are neighbours: in float64 where a float32 product cannot tell."""
        undecided = self.tiles[-2].band(self.eps, EVERY, EVERY)
        products = pair_products(self.rows, self.columns, i, j)
        accepted: NDArray[np.bool_] = products >= np.float32(undecided.high)
        unsure = np.flatnonzero(~accepted & (products >= np.float32(undecided.low)))
        accepted[unsure] = self._evaluate(i[unsure], j[unsure])
        return accepted

    def _evaluate(self, i: Numbers, j: Numbers) -> NDArray[np.bool_]:
        """Which pairs of rows i with columns j are neighbours: what everything agrees with."""
        found = np.empty(len(i), np.bool_)
        for part in slices(0, len(i), max(1, EVALUATED_VALUES // self.rows.shape[1])):
            found[part] = squared_distances(self.rows[i[part]], self.columns[j[part]]) <= 2 * self.eps
        return found


def relation_between(rows: Vectors, columns: Vectors, *, eps: float, precision: str = "auto") -> Relation:
    """The relation at cosine distance eps on checked vectors; `precision` names the coarsest tiles."""
    spreads = spreads_of(rows, columns)
    heads = head_tiles(rows, spreads, eps=eps, precision=precision) if columns is rows else ()
    coarse = coarse_tiles(rows, columns, spreads, precision=precision)
    fine = (Float32Tiles(rows, columns, spreads), Float64Tiles(rows, columns))
    return Relation(rows, columns, eps, (*heads, *coarse, *fine))


def stream_pairs(
    relation: Relation, sink: Sink, *, groups: Callable[[], Groups] | None = None, threads: int | None = None
) -> None:
    """Feed `sink` every neighbour pair i < j of one set of samples (rows are columns), each exactly once.

    `groups` is asked before every tile, from any thread: a pair inside one group may be left out.
    """

    def work(columns: slice, scratch: Scratch) -> None:
        stripe = relation.tiles[0].stripe(columns)
        for rows in slices(0, columns.stop, TILE_ROWS):
            STOPPING.check()
            i, j = relation.hits(stripe, Tile(rows, columns, groups and groups()), scratch)
            if rows.stop > columns.start:
                upper = i + rows.start < j + columns.start
                i, j = i[upper], j[upper]
            if len(i):
                sink(rows, columns, i, j)

    stripes = slices(0, len(relation.columns), TILE_COLUMNS)
    run_longest_first(work, stripes, tile=TILE_ROWS * TILE_COLUMNS, threads=threads)


def stream_cross(relation: Relation, sink: Sink, *, threads: int | None = None) -> None:
    """Feed `sink` every neighbour pair between rows and columns, each exactly once."""

    def work(columns: slice, scratch: Scratch) -> None:
        stripe = relation.tiles[0].stripe(columns)
        for rows in slices(0, len(relation.rows), TILE_ROWS):
            STOPPING.check()
            i, j = relation.hits(stripe, Tile(rows, columns), scratch)
            if len(i):
                sink(rows, columns, i, j)

    stripes = slices(0, len(relation.columns), TILE_COLUMNS)
    run_longest_first(work, stripes, tile=TILE_ROWS * TILE_COLUMNS, threads=threads)
