"""The nearest samples outside each component, found by tiles where the lists of the nearest end too early.

A component's nearest outsider is at most as far as the nearest found so far, so the products that matter get fewer
from tile to tile. Every pair that ties with the nearest is found too: the library's order among equals hangs on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from identity.clustering.dbscan.parallel import Scratch, run_longest_first, slices
from identity.clustering.dbscan.tiles import Products, Tiles
from identity.clustering.hierarchy.distances import Distances, Rows, distances_of, least_products
from identity.core.stopping import STOPPING
from identity.core.types import Vectors

TILE_ROWS = 1024
TILE_COLUMNS = 1024
CROWDED = 1 / 64  # of a tile's pairs: from there the components of all pairs are compared at once


@dataclass(frozen=True, slots=True)
class Edges:
    """Pairs of samples (m,), (m,) and their mutual reachability (m,)."""

    first: Rows
    second: Rows
    weight: Distances

    @classmethod
    def of_parts(cls, parts: list[Edges]) -> Edges:
        """All of them, one after the other."""
        if not parts:
            return cls(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.float64))
        return cls(
            np.concatenate([part.first for part in parts]),
            np.concatenate([part.second for part in parts]),
            np.concatenate([part.weight for part in parts]),
        )

    def only(self, kept: NDArray[np.bool_] | Rows) -> Edges:
        """Those that the mask or the numbers name."""
        return Edges(self.first[kept], self.second[kept], self.weight[kept])


class Outsiders:
    """Asks for the nearest outsiders of components of n samples; `least` (n,) only ever falls."""

    def __init__(self, rows: Vectors, tiles: Tiles, core: Distances) -> None:
        self._rows, self._tiles, self._core = rows, tiles, core
        self._lock = Lock()

    def find(self, asked: Rows, component: NDArray[np.int32], least: Distances) -> Edges:
        """Edges that leave a component of the samples `asked`, none heavier than its `least`, which is lowered.

        `component` (n,) numbers components from 0, `least` is by component. No lighter edge of these samples to the
        outside is left out, and none that weighs the same.
        """
        parts: list[Edges] = []

        def work(block: slice, scratch: Scratch) -> None:
            part = self._edges_of(asked[block], component, least, scratch)
            with self._lock:
                parts.append(part)

        run_longest_first(work, slices(0, len(asked), TILE_ROWS), tile=TILE_ROWS * TILE_COLUMNS)
        found = Edges.of_parts(parts)
        return found.only(found.weight <= least[component[found.first]])

    def _edges_of(self, asked: Rows, component: NDArray[np.int32], least: Distances, scratch: Scratch) -> Edges:
        own, tiles, parts = component[asked], self._tiles.among(asked), []
        for columns in slices(0, len(self._rows), TILE_COLUMNS):
            STOPPING.check()
            products = tiles.stripe(columns)(slice(0, len(asked)), scratch.tile)
            i, j = self._outside(products, own, component[columns], least[own], scratch)
            i, j, product = asked[i], j + columns.start, products[i, j]
            near = self._core[j] <= least[component[i]]
            parts.append(self._lightest(i[near], j[near], product[near], component, least))
        return Edges.of_parts(parts)

    def _outside(
        self, products: Products, own: NDArray[np.int32], other: NDArray[np.int32], least: Distances, scratch: Scratch
    ) -> tuple[Rows, Rows]:
        cut = least_products(self._tiles, least, products.dtype)
        mask = np.greater_equal(products, cut[:, None], out=scratch.mask[: products.size].reshape(products.shape))
        if np.count_nonzero(mask) > CROWDED * products.size:
            mask &= own[:, None] != other
            return np.divmod(np.flatnonzero(mask), products.shape[1])
        i, j = np.divmod(np.flatnonzero(mask), products.shape[1])
        apart = own[i] != other[j]
        return i[apart], j[apart]

    def _lightest(
        self, i: Rows, j: Rows, product: Products, component: NDArray[np.int32], least: Distances
    ) -> Edges:
        """The edges that may be the lightest; where there are many, each sample's nearest lowers the bar first."""
        if len(i) > 2 * TILE_ROWS:
            order = np.lexsort((-product, i))
            best = order[np.r_[True, np.diff(i[order]) > 0]]
            self._weigh(i[best], j[best], component, least)
            kept = product >= least_products(self._tiles, least[component[i]], product.dtype)
            i, j = i[kept], j[kept]
        found = self._weigh(i, j, component, least)
        return found.only(found.weight <= least[component[found.first]])

    def _weigh(self, i: Rows, j: Rows, component: NDArray[np.int32], least: Distances) -> Edges:
        weight = np.maximum(distances_of(self._rows, i, j), np.maximum(self._core[i], self._core[j]))
        with self._lock:
            np.minimum.at(least, component[i], weight)
        return Edges(i, j, weight)
