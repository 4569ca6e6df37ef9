"""HDBSCAN for galleries whose identities differ in density: exact, with the labels of the `hdbscan` library.

Campello, Moulavi and Sander, PAKDD 2013. Euclidean distance of unit vectors orders pairs as cosine distance does. The
spanning tree, which is nearly all of the work, is made here (`hierarchy`), the same edges in the same order as the
library's exact algorithm has them; the library's own functions then condense it and choose the clusters. The library
itself takes a tree that is only nearly minimal where vectors have up to 60 numbers. Unlike `dbscan`, HDBSCAN has no
notion of a distance that is too far.

Where some samples are barred from founding clusters, the tree is that of all others; then each of these joins the
cluster of the nearest clustered one, unless that is beyond the cluster's reach (`joining`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from identity.clustering.checks import check_barred, check_min_samples, check_vectors
from identity.clustering.dbscan.components import NOISE, Labels
from identity.clustering.dbscan.precision import Precision
from identity.clustering.hierarchy.nearest import TiedEverywhereError
from identity.clustering.hierarchy.tree import reachability_tree
from identity.clustering.joining import join
from identity.core.errors import ClusteringError
from identity.core.types import Vectors


@dataclass(frozen=True, slots=True)
class HierarchyClusters:
    """Labels (n,), -1 noise, and how firmly each sample belongs to its cluster (n,), 0 to 1."""

    labels: Labels
    probabilities: NDArray[np.float64]


def hdbscan(
    vectors: ArrayLike,
    *,
    min_cluster_size: int = 2,
    min_samples: int | None = None,
    barred: ArrayLike | None = None,
) -> Labels:
    """HDBSCAN labels (n,) int64 of unit rows (n, dim): clusters from 0 by their lowest sample, noise -1.

    They are those of `hdbscan.HDBSCAN(algorithm="prims_kdtree")` on the rows in float64, renumbered.
    `min_samples`, how many others make a place dense, is `min_cluster_size` where None. `barred` (n,) marks samples
    that found no cluster and only join one.
    Raises `ClusteringError` as `dbscan` does, and for a min_cluster_size below 2.
    """
    rows = check_vectors(vectors)
    mask = check_barred(barred, len(rows))
    if not mask.any():
        return hierarchy_clusters(rows, min_cluster_size=min_cluster_size, min_samples=min_samples).labels
    if min_samples is not None:
        check_min_samples(min_samples, len(rows))
    firm = np.flatnonzero(~mask)
    labels = np.full(len(rows), NOISE, np.int64)
    if len(firm) > max(1, min_samples or min_cluster_size):
        labels[firm] = hdbscan(rows[firm], min_cluster_size=min_cluster_size, min_samples=min_samples)
    return number_by_lowest(join(rows, labels, np.flatnonzero(mask)))


def hierarchy_clusters(
    vectors: ArrayLike, *, min_cluster_size: int = 2, min_samples: int | None = None, precision: Precision = "float32"
) -> HierarchyClusters:
    """As `hdbscan`, with the library's probabilities. `precision` is that of `dbscan` and never changes the result.

    Coarser tiles than float32's leave so many possible neighbours that they take longer (measured with 7 bits).
    """
    rows = check_vectors(vectors)
    if min_cluster_size < 2:
        raise ClusteringError(f"--min-cluster-size must be at least 2, got {min_cluster_size}")
    n = len(rows)
    min_samples = min(min_cluster_size, n) if min_samples is None else check_min_samples(min_samples, n)
    if n < max(min_cluster_size, min_samples + 1):
        return HierarchyClusters(np.full(n, NOISE, np.int64), np.zeros(n))
    labels, probabilities = _clusters(rows, min_cluster_size, min_samples, precision)
    return HierarchyClusters(number_by_lowest(np.asarray(labels, np.int64)), probabilities)


def _clusters(
    rows: Vectors, min_cluster_size: int, min_samples: int, precision: Precision
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    from hdbscan import HDBSCAN
    from hdbscan._hdbscan_linkage import label
    from hdbscan.hdbscan_ import _tree_to_labels

    try:
        tree = reachability_tree(rows, min_samples=min_samples, precision=precision)
    except TiedEverywhereError:  # the library's own way needs no lists; its time grows with n^2 dim, on one core
        slow = HDBSCAN(min_cluster_size=min_cluster_size, min_samples=min_samples, algorithm="prims_kdtree")
        slow.fit(rows.astype(np.float64))
        return slow.labels_, slow.probabilities_
    linkage = label(tree[np.argsort(tree.T[2]), :])
    labels, probabilities, *_ = _tree_to_labels(None, linkage, min_cluster_size)
    return labels, probabilities


def number_by_lowest(labels: Labels) -> Labels:
    """The same clusters (n,), numbered from 0 in the order of their lowest sample; noise stays -1."""
    clustered = labels != NOISE
    _, first, inverse = np.unique(labels[clustered], return_index=True, return_inverse=True)
    numbered = np.full(len(labels), NOISE, np.int64)
    numbered[clustered] = np.argsort(np.argsort(first))[inverse]
    return numbered
