"""Cluster ids that survive: a new run's clusters take the ids of the previous ones that they overlap most.

The assignment maximises the total Jaccard overlap (Kuhn 1955, by scipy), among pairs that share a sample. Every
connected part of the overlap graph is assigned on its own, so a matrix of all clusters by all clusters never exists.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from identity.clustering.dbscan.components import NOISE, Labels
from identity.core.errors import ClusteringError


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Which new cluster meets which previous one, as positions in their sorted ids, and their Jaccard overlap."""

    new_ids: Labels
    old_ids: Labels
    new: NDArray[np.intp]
    old: NDArray[np.intp]
    jaccard: NDArray[np.float64]


def match_clusters(labels: ArrayLike, previous: ArrayLike, *, next_id: int | None = None) -> Labels:
    """The clusters of `labels` (n,) under the ids in `previous` (n,) that they continue.

    Both give -1 for noise; `previous` also for samples that were not there. Clusters that continue nothing get new
    ids from `next_id` up, in their own order; by default above the largest previous id. Pass the smallest id that was
    never used, so that an id does not come back for others. Equal overlaps are settled by the lower ids.
    Raises `ClusteringError` for arrays of different lengths and a `next_id` that is taken.
    """
    new, old = np.asarray(labels, np.int64), np.asarray(previous, np.int64)
    if new.shape != old.shape or new.ndim != 1:
        raise ClusteringError(f"{new.shape} labels cannot continue {old.shape}: give both for the same samples")
    lowest_free = int(old.max(initial=NOISE)) + 1
    if next_id is not None and next_id < lowest_free:
        raise ClusteringError(f"next_id {next_id} is taken: give {lowest_free} or more")
    overlaps = _overlaps(new, old)
    ids = _assign_ids(overlaps, next_id=lowest_free if next_id is None else next_id)
    renamed = np.full(len(new), NOISE, np.int64)
    clustered = new != NOISE
    renamed[clustered] = ids[np.searchsorted(overlaps.new_ids, new[clustered])]
    return renamed


def _overlaps(new: Labels, old: Labels) -> Overlaps:
    new_ids, new_sizes = np.unique(new[new != NOISE], return_counts=True)
    old_ids, old_sizes = np.unique(old[old != NOISE], return_counts=True)
    both = (new != NOISE) & (old != NOISE)
    a, b = np.searchsorted(new_ids, new[both]), np.searchsorted(old_ids, old[both])
    cells, shared = np.unique(a * max(1, len(old_ids)) + b, return_counts=True)
    a, b = np.divmod(cells, max(1, len(old_ids)))
    return Overlaps(new_ids, old_ids, a, b, shared / (new_sizes[a] + old_sizes[b] - shared))


def _assign_ids(overlaps: Overlaps, *, next_id: int) -> Labels:
    """The id of every new cluster, in the order of `new_ids`."""
    n_new, n_old = len(overlaps.new_ids), len(overlaps.old_ids)
    ids = np.full(n_new, NOISE, np.int64)
    links = coo_array((overlaps.jaccard, (overlaps.new, overlaps.old + n_new)), shape=(n_new + n_old,) * 2)
    _, part = connected_components(links, directed=False)
    order = np.argsort(part[overlaps.new], kind="stable")
    _, starts = np.unique(part[overlaps.new][order], return_index=True)
    for cells in np.split(order, starts[1:]) if len(order) else []:
        rows, columns = _best(overlaps, cells)
        ids[rows] = overlaps.old_ids[columns]
    fresh = ids == NOISE
    ids[fresh] = next_id + np.arange(np.count_nonzero(fresh))
    return ids


def _best(overlaps: Overlaps, cells: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    rows, i = np.unique(overlaps.new[cells], return_inverse=True)
    columns, j = np.unique(overlaps.old[cells], return_inverse=True)
    weights = np.zeros((len(rows), len(columns)))
    weights[i, j] = overlaps.jaccard[cells]
    at, to = linear_sum_assignment(weights, maximize=True)
    meets = weights[at, to] > 0
    return rows[at[meets]], columns[to[meets]]
