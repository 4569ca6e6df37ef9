"""The clustering algorithms by name: a new one is a class here or beside, and a line in the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from identity.clustering.dbscan.components import NOISE, Labels
from identity.clustering.dbscan.density import density_clusters
from identity.clustering.eps import choose_eps
from identity.clustering.hdbscan import hdbscan
from identity.core.clusters import Mask
from identity.core.types import Vectors


@dataclass(frozen=True, slots=True)
class MatchRates:
    """False match rates of the vectors' space (rate, cosine distance), and in words who saw them on what."""

    points: Sequence[tuple[float, float]] = ()
    origin: str = ""


NO_RATES = MatchRates()


@dataclass(frozen=True, slots=True)
class Parameters:
    """What an algorithm is told. `eps` is None where it is to be chosen, or where the algorithm has none.

    `barred` (n,) are samples that neither found nor bridge clusters, None where all may.
    """

    eps: float | None
    min_samples: int
    min_cluster_size: int
    rates: MatchRates = NO_RATES
    barred: Mask | None = None


@dataclass(frozen=True, slots=True)
class Clustering:
    """Labels (n,), -1 noise; cores (n,); the cosine distance that was used, None where there is none, and why."""

    labels: Labels
    core: Mask
    eps: float | None
    reason: str


class Algorithm(Protocol):
    """Turns unit vectors into clusters."""

    @property
    def has_eps(self) -> bool:
        """Whether a distance joins samples: such an algorithm attaches new samples by the core-point rule."""
        ...

    def cluster(self, vectors: Vectors, parameters: Parameters) -> Clustering:
        """Cluster unit rows (n, dim). Raises `ClusteringError` for parameters that do not fit."""
        ...


class Dbscan:
    """Exact DBSCAN; eps chosen without labels where none is given."""

    has_eps = True

    def cluster(self, vectors: Vectors, parameters: Parameters) -> Clustering:
        """As `Algorithm.cluster`."""
        eps, reason = parameters.eps, "as given"
        if eps is None:
            rates, min_samples = parameters.rates, parameters.min_samples
            chosen = choose_eps(vectors, min_samples=min_samples, operating_points=rates.points)
            eps, reason = chosen.value, f"{chosen.reason} ({rates.origin})" if rates.origin else chosen.reason
        found = density_clusters(vectors, eps=eps, min_samples=parameters.min_samples, barred=parameters.barred)
        return Clustering(found.labels, found.core, eps, reason)


class Hdbscan:
    """Exact HDBSCAN; every clustered sample that is not barred counts as a core."""

    has_eps = False

    def cluster(self, vectors: Vectors, parameters: Parameters) -> Clustering:
        """As `Algorithm.cluster`."""
        size, min_samples = parameters.min_cluster_size, parameters.min_samples
        labels = hdbscan(vectors, min_cluster_size=size, min_samples=min_samples, barred=parameters.barred)
        core = labels != NOISE if parameters.barred is None else (labels != NOISE) & ~parameters.barred
        return Clustering(labels, np.asarray(core), None, "hdbscan has none: it cuts its own tree")


ALGORITHMS: dict[str, Algorithm] = {"dbscan": Dbscan(), "hdbscan": Hdbscan()}
