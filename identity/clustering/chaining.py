"""Guards a chosen eps against chaining: one cluster that swallows others over a few samples between them.

A cluster that holds much of everything is suspect. If, at a smaller eps, it falls into two or more parts that are
themselves large, it was a chain between them: a cluster that is one thing loses its rim at a smaller eps and keeps its
middle. So eps goes down, a tenth at a time, to the largest value at which no suspect cluster falls apart further down;
not so far down that a quarter of the samples is noise, where everything falls apart.
"""

from __future__ import annotations

import numpy as np

from identity.clustering.dbscan.components import NOISE, Labels
from identity.clustering.dbscan.density import dbscan
from identity.core.types import Vectors

SUSPECT = 0.05  # of all samples in one cluster
LARGE_PART = 0.1  # of the suspect cluster
FEWEST = 30  # samples in a part that counts: fewer prove nothing
STEP = 0.9
MOST_NOISE = 0.25
MOST_STEPS = 25


def eps_without_chains(vectors: Vectors, eps: float, *, min_samples: int) -> float:
    """The largest of eps, 0.9 eps, 0.81 eps ... at which no cluster is a chain between large ones."""
    first = dbscan(vectors, eps=eps, min_samples=min_samples)
    if not len(_suspects(first)):
        return eps
    tried = _ladder(vectors, eps, first, min_samples=min_samples)
    for at, (value, labels) in enumerate(tried):
        if not any(_falls_apart(labels, deeper) for _, deeper in tried[at + 1 :]):
            return value
    return tried[-1][0]


def _ladder(vectors: Vectors, eps: float, first: Labels, *, min_samples: int) -> list[tuple[float, Labels]]:
    """Smaller and smaller eps with their labels, down to where too many are noise or nothing large is left."""
    tried = [(eps, first)]
    while len(tried) < MOST_STEPS:
        eps *= STEP
        labels = dbscan(vectors, eps=eps, min_samples=min_samples)
        if (labels == NOISE).mean() > MOST_NOISE:
            break
        tried.append((eps, labels))
    return tried


def _suspects(labels: Labels) -> Labels:
    sizes = np.bincount(labels[labels != NOISE])
    return np.flatnonzero(sizes >= max(2 * FEWEST, SUSPECT * len(labels)))


def _falls_apart(labels: Labels, deeper: Labels) -> bool:
    """Whether a suspect cluster of `labels` holds two or more large clusters of `deeper`, labels at a smaller eps."""
    for suspect in _suspects(labels):
        inside = deeper[labels == suspect]
        parts = np.bincount(inside[inside != NOISE], minlength=1)
        if np.count_nonzero(parts >= max(FEWEST, LARGE_PART * len(inside))) > 1:
            return True
    return False
