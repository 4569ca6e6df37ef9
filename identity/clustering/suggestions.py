"""Who an unnamed cluster probably is. Never applied here, and rather no suggestion than a wrong one.

Two things have to hold. On average over pairs, a photograph of the one and a photograph of the other are within the
threshold at which the gallery would call the two one person. And there is nobody else: each of the two is clearly
nearer to the other than to any other cluster, named or not. Strangers pass the first test in a large gallery, because
everybody has somebody whom he resembles; they hardly pass the second, because such a person resembles others too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from identity.clustering.checks import check_vectors
from identity.clustering.dbscan.components import NOISE, Labels
from identity.core.errors import ClusteringError

CLEARLY = 0.7  # of the distance to the nearest other cluster: as for digits between two accepted names
CELLS = 4_000_000  # distances held at once
GATHERED_ROWS = 1 << 14
SMALLEST = 1e-9  # keeps a quotient of two distances of 0 from being NaN
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Called:
    """The name of a cluster, and the cosine distance up to which the gallery calls two samples that person."""

    name: str
    threshold: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An unnamed cluster and who it probably is, with the reasons."""

    cluster: int
    name: str
    distance: float  # cosine, the mean over pairs of a sample of each
    threshold: float  # which the distance is within
    lead: float  # between mean directions, relative to the nearest other cluster; 0 where there is none


@dataclass(frozen=True, slots=True)
class _Centres:
    """Clusters by ascending id: means (k, dim), their directions, and a code (k,) that those of one name share."""

    ids: Labels
    means: NDArray[np.float64]
    directions: NDArray[np.float64]
    codes: NDArray[np.int64]  # below 0 where nobody named the cluster


def suggest_names(
    vectors: ArrayLike, labels: ArrayLike, *, names: Mapping[int, Called], clearly: float = CLEARLY
) -> tuple[Suggestion, ...]:
    """Suggestions for clusters without a name, nearest first.

    `vectors` (n, dim) unit rows, `labels` (n,) cluster ids, -1 noise; `names` by cluster id, of which several may
    bear the same name. Raises `ClusteringError` where labels and vectors do not go together.
    """
    rows, clusters = check_vectors(vectors), np.asarray(labels, np.int64)
    if clusters.shape != (len(rows),):
        raise ClusteringError(f"{clusters.shape} labels for {len(rows)} vectors: give one per row")
    centres = _centres(rows, clusters, names)
    named, unnamed = np.flatnonzero(centres.codes >= 0), np.flatnonzero(centres.codes < 0)
    if not len(named) or not len(unnamed):
        return ()
    nearest = _nearest_named(centres, unnamed, named)
    found = _within_thresholds(centres, unnamed, nearest, names)
    leads = _leads(centres, *found)
    made = [
        _suggestion(centres, a, b, lead, names) for a, b, lead in zip(*found, leads, strict=True) if lead <= clearly
    ]
    return tuple(sorted(made, key=lambda one: (one.distance, one.cluster)))


def _centres(vectors: NDArray[np.float32], labels: Labels, names: Mapping[int, Called]) -> _Centres:
    ids, means = mean_vectors(vectors, labels)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    directions = np.divide(means, lengths, out=np.zeros_like(means), where=lengths > 0)
    code = {name: place for place, name in enumerate(sorted({one.name for one in names.values()}))}
    codes = [code[names[i].name] if i in names else -1 - place for place, i in enumerate(ids.tolist())]
    return _Centres(ids, means, directions, np.array(codes, np.int64))


def mean_vectors(vectors: NDArray[np.float32], labels: Labels) -> tuple[Labels, NDArray[np.float64]]:
    """Ids (k,) ascending and the mean (k, dim) of every cluster."""
    clustered = np.flatnonzero(labels != NOISE)
    order = clustered[np.argsort(labels[clustered], kind="stable")]
    ids, starts, counts = np.unique(labels[order], return_index=True, return_counts=True)
    means, first = np.empty((len(ids), vectors.shape[1])), 0
    while first < len(ids):  # vectors are gathered a few clusters at a time, not all at once
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + GATHERED_ROWS)))
        rows = order[starts[first] : starts[last] if last < len(ids) else None]
        sums = np.add.reduceat(vectors[rows], starts[first:last] - starts[first], axis=0, dtype=np.float64)
        means[first:last] = sums / counts[first:last, None]
        first = last
    return ids, means


def _nearest_named(centres: _Centres, unnamed: Rows, named: Rows) -> Rows:
    """The nearest named cluster of each unnamed one, by direction."""
    directions = centres.directions[named].T
    found = [np.argmax(centres.directions[part] @ directions, axis=1) for part in _parts(unnamed, len(named))]
    return np.asarray(named[np.concatenate(found)], np.intp)


def _within_thresholds(
    centres: _Centres, unnamed: Rows, nearest: Rows, names: Mapping[int, Called]
) -> tuple[Rows, Rows]:
    thresholds = np.array([names[one].threshold for one in centres.ids[nearest].tolist()])
    near = _mean_distances(centres, unnamed, nearest) <= thresholds
    return unnamed[near], nearest[near]


def _mean_distances(centres: _Centres, one: Rows, other: Rows) -> NDArray[np.float64]:
    return np.asarray(np.maximum(0.0, 1 - np.einsum("ij,ij->i", centres.means[one], centres.means[other])))


def _leads(centres: _Centres, unnamed: Rows, named: Rows) -> NDArray[np.float64]:
    """The distance of each pair relative to that of the nearest cluster that is neither, nor has that name."""
    leads = np.zeros(len(unnamed))
    for part in _parts(np.arange(len(unnamed)), len(centres.ids)):
        one, other = unnamed[part], named[part]
        own = np.maximum(0.0, 1 - np.einsum("ij,ij->i", centres.directions[one], centres.directions[other]))
        nobody = (centres.codes[None, :] == centres.codes[other, None]) | (np.arange(len(centres.ids)) == one[:, None])
        rivals = [_nearest_allowed(centres, rows, nobody) for rows in (one, other)]
        leads[part] = own / np.maximum(np.minimum(*rivals), SMALLEST)
    return leads


def _nearest_allowed(centres: _Centres, rows: Rows, barred: NDArray[np.bool_]) -> NDArray[np.float64]:
    distances = np.maximum(0.0, 1 - centres.directions[rows] @ centres.directions.T)
    return np.asarray(np.where(barred, np.inf, distances).min(axis=1))


def _parts(rows: Rows, width: int) -> Iterator[Rows]:
    step = max(1, CELLS // max(1, width))
    return (rows[at : at + step] for at in range(0, len(rows), step))


def _suggestion(centres: _Centres, one: int, other: int, lead: float, names: Mapping[int, Called]) -> Suggestion:
    called = names[int(centres.ids[other])]
    distance = float(_mean_distances(centres, np.array([one]), np.array([other]))[0])
    return Suggestion(int(centres.ids[one]), called.name, distance, called.threshold, float(lead))
