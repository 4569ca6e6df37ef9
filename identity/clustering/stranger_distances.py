"""How near strangers come, learnt without labels from the vectors themselves or from error rates measured elsewhere.

The distance from a sample to the nearest of many strangers is a minimum of many draws bounded below by 0. Such minima
are Weibull distributed (Fisher and Tippett 1928; Gnedenko 1943), P(nearest stranger < d) = 1 - exp(-(d / scale)^shape),
whatever the draws are; (d / scale)^shape is the expected number of strangers within d. Two quartiles fix both numbers,
and the lower tail, where clusters begin to chain, follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from identity.clustering.dbscan.components import NOISE, Labels
from identity.core.types import Vectors

PROBE_ROWS = 2000  # samples whose nearest strangers are looked for: quartiles need no more
BLOCK_ROWS = 250


@dataclass(frozen=True, slots=True)
class NearestStranger:
    """The Weibull law of the distance to the nearest stranger."""

    scale: float
    shape: float

    def distance(self, expected: float) -> float:
        """The distance within which this many strangers are expected."""
        return self.scale * float(expected ** (1 / self.shape))


def fit_quartiles(distances: NDArray[np.floating]) -> NearestStranger | None:
    """The law through the quartiles of nearest-stranger distances (n,); None where they do not spread."""
    if len(distances) < 4:
        return None
    low, high = (float(value) for value in np.quantile(distances, [0.25, 0.75]))
    if not 0 < low < high < np.inf:
        return None
    shape = log(log(4) / log(4 / 3)) / log(high / low)
    return NearestStranger(scale=high / log(4) ** (1 / shape), shape=shape)


def in_larger_clusters(labels: Labels) -> Labels:
    """The labels (n,) with all but the largest clusters, two or more, that hold half of the clustered samples as noise.

    Noise and small clusters may be mates that were not reached; the larger ones are strangers to each other.
    """
    sizes = np.bincount(labels[labels != NOISE])
    largest_first = np.argsort(-sizes, kind="stable")
    enough = int(np.searchsorted(np.cumsum(sizes[largest_first]), sizes.sum() / 2)) + 1
    return np.where(np.isin(labels, largest_first[: max(2, enough)]), labels, NOISE)


def mean_stranger_count(labels: Labels) -> float:
    """How many samples in other clusters a clustered sample has, on average."""
    sizes = np.bincount(labels[labels != NOISE]).astype(np.float64)
    return float(sizes.sum() - (sizes**2).sum() / sizes.sum())


def nearest_outside(vectors: Vectors, labels: Labels, probes: NDArray[np.intp]) -> NDArray[np.float32]:
    """Cosine distance (m,) from each clustered probe row to the nearest sample of another cluster; empty for one."""
    clustered = np.flatnonzero(labels != NOISE)
    if not len(probes) or len(np.unique(labels[clustered])) < 2:
        return np.empty(0, np.float32)
    others, groups = vectors[clustered], labels[clustered]
    blocks = [probes[at : at + BLOCK_ROWS] for at in range(0, len(probes), BLOCK_ROWS)]
    return np.concatenate([_nearest_outside(vectors[b], labels[b], others, groups) for b in blocks])


def _nearest_outside(rows: Vectors, own: Labels, others: Vectors, groups: Labels) -> NDArray[np.float32]:
    similarity = rows @ others.T
    similarity[own[:, None] == groups[None, :]] = -np.inf
    return np.asarray(1 - similarity.max(axis=1), np.float32).clip(min=0)


def kth_nearest(vectors: Vectors, probes: NDArray[np.intp], k: int) -> NDArray[np.float32]:
    """Cosine distance (m,) from each probe row to its k-th nearest other sample, k < n."""
    blocks = [probes[at : at + BLOCK_ROWS] for at in range(0, len(probes), BLOCK_ROWS)]
    return np.concatenate([_kth_nearest(vectors, block, k) for block in blocks])


def _kth_nearest(vectors: Vectors, block: NDArray[np.intp], k: int) -> NDArray[np.float32]:
    distance = 1 - vectors[block] @ vectors.T
    distance[np.arange(len(block)), block] = np.inf
    return np.asarray(np.partition(distance, k - 1, axis=1)[:, k - 1].clip(min=0), np.float32)


def safe_distance_at(operating_points: Sequence[tuple[float, float]], *, n: int, risk: float) -> float:
    """The distance at which a sample among n meets `risk` strangers on average: false match rate risk / n.

    `operating_points` are (false match rate, cosine distance), two or more. Between and beyond them the rate is taken
    as a power of the distance, as the Weibull law has it.
    """
    points = sorted(operating_points)
    rates = np.log([rate for rate, _ in points])
    distances = np.log([distance for _, distance in points])
    wanted = log(risk / n)
    at = int(np.clip(np.searchsorted(rates, wanted), 1, len(rates) - 1))
    slope = (distances[at] - distances[at - 1]) / (rates[at] - rates[at - 1])
    return min(2.0, exp(distances[at] + slope * (wanted - rates[at])))
