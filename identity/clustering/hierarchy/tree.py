"""The `hdbscan` library's minimum spanning tree, edge by edge in its own order, at the speed of matrix products."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from identity.clustering.dbscan.precision import coarsest_tiles
from identity.clustering.dbscan.tiles import spreads_of
from identity.clustering.hierarchy.copies import Copies
from identity.clustering.hierarchy.distances import Distances
from identity.clustering.hierarchy.nearest import Neighbourhoods, nearest_of
from identity.clustering.hierarchy.spanning import spanning_edges
from identity.clustering.hierarchy.visiting import Tree, visits
from identity.core.types import Vectors

LISTED = 16  # nearest others of a sample, beside min_samples: most edges of the tree are among them (measured)


def reachability_tree(rows: Vectors, *, min_samples: int, precision: str = "float32") -> Tree:
    """The tree of mutual reachability (n - 1, 3) of rows (n, dim), 1 <= min_samples < n, in the order of Prim's visits.

    Raises `TiedEverywhereError` where equal distances are so many that lists would not hold them.
    """
    copies = Copies.among(rows, more_than=min_samples)
    if len(copies.kept) == 1:
        return copies.restore(np.empty((0, 3)))
    kept = rows if len(copies.kept) == len(rows) else rows[copies.kept]
    tiles = coarsest_tiles(kept, kept, spreads_of(kept, kept), precision=precision)
    nearest = nearest_of(kept, tiles, k=min(min_samples + LISTED, len(kept) - 1))
    core = core_distances(nearest, copies.many, k=min_samples)
    return copies.restore(visits(spanning_edges(kept, tiles, nearest, core), len(kept)))


def core_distances(nearest: Neighbourhoods, many: NDArray[np.bool_], *, k: int) -> Distances:
    """How far each sample's k-th nearest other is (n,), where some stand for `many` samples, more than k."""
    n = len(many)
    first = np.searchsorted(nearest.row, np.arange(n + 1))
    core = np.full(n, np.inf)
    listed = np.flatnonzero(np.diff(first) >= k)
    core[listed] = nearest.distance[first[listed] + k - 1]
    crowds = many[nearest.other]
    np.minimum.at(core, nearest.row[crowds], nearest.distance[crowds])
    core[many] = 0.0
    return core
