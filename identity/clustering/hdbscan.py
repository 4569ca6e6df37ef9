"""HDBSCAN for galleries whose identities differ in density: the `hdbscan` library on unit vectors.

Campello, Moulavi and Sander, PAKDD 2013. Euclidean distance of unit vectors orders pairs as cosine distance does. What
it costs: in high dimensions its trees find no shortcut, so time is O(n^2 dim) on one core, and unlike `dbscan` it has
no notion of a distance that is too far.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from identity.clustering.checks import check_min_samples, check_vectors
from identity.clustering.dbscan.components import NOISE, Labels
from identity.core.errors import ClusteringError


def hdbscan(vectors: ArrayLike, *, min_cluster_size: int = 2, min_samples: int | None = None) -> Labels:
    """HDBSCAN labels (n,) int64 of unit rows (n, dim): clusters from 0 by their lowest sample, noise -1.

    `min_samples`, how many neighbours (itself included) make a place dense, is `min_cluster_size` where None.
    Raises `ClusteringError` as `dbscan` does, and for a min_cluster_size below 2.
    """
    rows = check_vectors(vectors)
    if min_cluster_size < 2:
        raise ClusteringError(f"--min-cluster-size must be at least 2, got {min_cluster_size}")
    n = len(rows)
    min_samples = min(min_cluster_size, n) if min_samples is None else check_min_samples(min_samples, n)
    if n < max(min_cluster_size, min_samples + 1):
        return np.full(n, NOISE, np.int64)
    from hdbscan import HDBSCAN

    model = HDBSCAN(min_cluster_size=min_cluster_size, min_samples=min_samples, core_dist_n_jobs=1)
    return number_by_lowest(np.asarray(model.fit_predict(rows.astype(np.float64)), np.int64))


def number_by_lowest(labels: Labels) -> Labels:
    """The same clusters (n,), numbered from 0 in the order of their lowest sample; noise stays -1."""
    clustered = labels != NOISE
    _, first, inverse = np.unique(labels[clustered], return_index=True, return_inverse=True)
    numbered = np.full(len(labels), NOISE, np.int64)
    numbered[clustered] = np.argsort(np.argsort(first))[inverse]
    return numbered
