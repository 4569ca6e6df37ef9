"""Who an unnamed cluster probably is: the nearest named one, by how much nearer than the next name. Never applied here.

A cluster stands for the mean direction of its members, and the distance is the cosine distance of those directions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from identity.clustering.checks import check_vectors
from identity.clustering.dbscan.components import NOISE, Labels
from identity.core.errors import ClusteringError


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An unnamed cluster, the name it is nearest to, how far (cosine), and how much further the next name is."""

    cluster: int
    name: str
    distance: float
    margin: float  # inf where there is no other name


def suggest_names(
    vectors: ArrayLike, labels: ArrayLike, *, names: Mapping[int, str], at_most: float = 2.0
) -> tuple[Suggestion, ...]:
    """A suggestion for every cluster without a name that has a named one within `at_most`, nearest first.

    `vectors` (n, dim) unit rows, `labels` (n,) cluster ids, -1 noise; `names` by cluster id, of which several may
    bear the same name. Raises `ClusteringError` where labels and vectors do not go together.
    """
    rows, clusters = check_vectors(vectors), np.asarray(labels, np.int64)
    if clusters.shape != (len(rows),):
        raise ClusteringError(f"{clusters.shape} labels for {len(rows)} vectors: give one per row")
    ids, centres = mean_directions(rows, clusters)
    named = np.array([int(cluster) in names for cluster in ids], dtype=bool)
    if not named.any() or named.all():
        return ()
    distances = np.maximum(0.0, 1 - centres[~named] @ centres[named].T)
    calls = [names[int(cluster)] for cluster in ids[named]]
    found = [_of(int(c), row, calls) for c, row in zip(ids[~named], distances, strict=True)]
    near = [suggestion for suggestion in found if suggestion.distance <= at_most]
    return tuple(sorted(near, key=lambda suggestion: (suggestion.distance, suggestion.cluster)))


def mean_directions(vectors: NDArray[np.float32], labels: Labels) -> tuple[Labels, NDArray[np.float64]]:
    """Ids (k,) ascending and unit mean direction (k, dim) of every cluster; members that cancel give a zero row."""
    clustered = np.flatnonzero(labels != NOISE)
    order = clustered[np.argsort(labels[clustered], kind="stable")]
    ids, starts = np.unique(labels[order], return_index=True)
    if not len(ids):
        return ids, np.empty((0, vectors.shape[1]))
    sums = np.add.reduceat(vectors[order], starts, axis=0, dtype=np.float64)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return ids, np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0)


def _of(cluster: int, distances: NDArray[np.float64], calls: list[str]) -> Suggestion:
    best = int(np.argmin(distances))
    others = [d for d, name in zip(distances.tolist(), calls, strict=True) if name != calls[best]]
    margin = min(others) - float(distances[best]) if others else float("inf")
    return Suggestion(cluster, calls[best], float(distances[best]), margin)
