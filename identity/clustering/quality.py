"""How good a clustering is where the truth is known: everything from one sparse contingency table.

B-cubed: Bagga and Baldwin 1998, as recommended by Amigo et al. 2009. Pairwise: over the pairs put together. Adjusted
Rand index and V-measure: scikit-learn's, imported when they are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from identity.clustering.dbscan.components import NOISE, Labels
from identity.core.errors import ClusteringError


@dataclass(frozen=True, slots=True)
class Agreement:
    """Precision, recall and their harmonic mean, each 0..1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """2PR / (P + R), 0 where both are 0."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Quality:
    """All figures of one clustering against the truth."""

    bcubed: Agreement
    pairwise: Agreement
    adjusted_rand: float
    v_measure: float
    n_clusters: int  # noise not counted
    n_identities: int


@dataclass(frozen=True, slots=True)
class Contingency:
    """Sizes of clusters, of identities, and of the cells where they meet; cluster and identity of each cell."""

    clusters: NDArray[np.int64]
    identities: NDArray[np.int64]
    cells: NDArray[np.int64]
    cluster_of_cell: NDArray[np.intp]
    identity_of_cell: NDArray[np.intp]


def quality_of(labels: ArrayLike, truth: ArrayLike, *, noise_as_singletons: bool = True) -> Quality:
    """Every figure for cluster labels (n,) against identities (n,) of any type.

    Noise samples count as clusters of one, or all as one cluster where `noise_as_singletons` is off.
    Raises `ClusteringError` for arrays of different lengths or without samples.
    """
    from sklearn.metrics import adjusted_rand_score, v_measure_score

    found, known = _check(labels, truth, noise_as_singletons=noise_as_singletons)
    given = np.asarray(labels)
    return Quality(
        bcubed=bcubed(labels, truth, noise_as_singletons=noise_as_singletons),
        pairwise=pairwise(labels, truth, noise_as_singletons=noise_as_singletons),
        adjusted_rand=float(adjusted_rand_score(known, found)),
        v_measure=float(v_measure_score(known, found)),
        n_clusters=len(np.unique(given[given != NOISE])),
        n_identities=len(np.unique(known)),
    )


def bcubed(labels: ArrayLike, truth: ArrayLike, *, noise_as_singletons: bool = True) -> Agreement:
    """B-cubed precision and recall: per sample, how much of its cluster and of its identity it shares with it."""
    table = _contingency(*_check(labels, truth, noise_as_singletons=noise_as_singletons))
    squares, n = table.cells.astype(np.float64) ** 2, table.clusters.sum()
    return Agreement(
        precision=float((squares / table.clusters[table.cluster_of_cell]).sum() / n),
        recall=float((squares / table.identities[table.identity_of_cell]).sum() / n),
    )


def pairwise(labels: ArrayLike, truth: ArrayLike, *, noise_as_singletons: bool = True) -> Agreement:
    """Precision and recall over pairs of samples; 1 where there is no pair to be wrong about."""
    table = _contingency(*_check(labels, truth, noise_as_singletons=noise_as_singletons))
    together = _pairs(table.cells)
    found, known = _pairs(table.clusters), _pairs(table.identities)
    return Agreement(together / found if found else 1.0, together / known if known else 1.0)


def singletons(labels: Labels) -> Labels:
    """The labels (n,) with every noise sample in a cluster of its own."""
    noise = labels == NOISE
    separate = labels.copy()
    separate[noise] = labels.max(initial=NOISE) + 1 + np.arange(np.count_nonzero(noise))
    return separate


def _pairs(sizes: NDArray[np.int64]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _check(labels: ArrayLike, truth: ArrayLike, *, noise_as_singletons: bool) -> tuple[Labels, NDArray[np.intp]]:
    found, known = np.asarray(labels, dtype=np.int64), np.asarray(truth)
    if found.shape != known.shape or found.ndim != 1 or not len(found):
        raise ClusteringError(f"{found.shape} labels against {known.shape} identities: give one of each per sample")
    identities: Any = np.unique(known, return_inverse=True)[1]
    return (singletons(found) if noise_as_singletons else found), identities


def _contingency(found: Labels, known: NDArray[np.intp]) -> Contingency:
    clusters: Any = np.unique(found, return_inverse=True)[1]
    width = int(known.max()) + 1
    cells, counts = np.unique(clusters * width + known, return_counts=True)
    rows, columns = np.divmod(cells, width)
    return Contingency(np.bincount(clusters), np.bincount(known), counts, rows, columns)
