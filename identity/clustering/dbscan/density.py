"""Exact DBSCAN at the speed of matrix products, with scikit-learn's labels (Ester et al., KDD 1996).

Neighbours come from `neighbours`, upper triangle only; their graph is `components`. Memory: the vectors, O(n) numbers,
the pairs that `components` still needs, and a tile per thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from identity.clustering.checks import check_barred, check_eps, check_min_samples, check_vectors
from identity.clustering.dbscan.components import CoreGraph, Labels, dbscan_labels
from identity.clustering.dbscan.neighbours import relation_between, stream_pairs
from identity.clustering.dbscan.precision import Precision


@dataclass(frozen=True, slots=True)
class DensityClusters:
    """Labels (n,), -1 noise, and which samples are cores (n,)."""

    labels: Labels
    core: NDArray[np.bool_]


def dbscan(
    vectors: ArrayLike,
    *,
    eps: float,
    min_samples: int,
    barred: ArrayLike | None = None,
    precision: Precision = "auto",
) -> Labels:
    """DBSCAN labels (n,) int64 of unit rows (n, dim) float32: clusters from 0, noise -1.

    Two samples are neighbours iff ||x - y||^2 <= 2 eps, evaluated in float64 on the float32 rows; eps is a cosine
    distance. Core, border and noise samples and the numbers of clusters are those of `sklearn.cluster.DBSCAN` on
    that relation. A core that `barred` (n,) marks is none: it is a border sample where it touches a core, else noise,
    and it still counts as a neighbour of others. `precision` says how most pairs are ruled out, never the result:
    "float32" with numpy's GEMM, "bfloat16" with NumKong's (the extra `fast`), "int8" with ONNX Runtime's; every pair
    inside its proven rounding bound is decided again in float64, see `rounding`. "auto" is the fastest that is exact
    on this machine: int8 where 8-bit sums do not saturate, else bfloat16 where the processor has it, else float32.

    Raises `ClusteringError` for vectors that are empty, not 2-D, not finite or not of unit length, eps outside
    (0, 2], min_samples outside 1..n, bfloat16 without NumKong, and int8 where the machine's 8-bit sums saturate.
    """
    return density_clusters(vectors, eps=eps, min_samples=min_samples, barred=barred, precision=precision).labels


def density_clusters(
    vectors: ArrayLike,
    *,
    eps: float,
    min_samples: int,
    barred: ArrayLike | None = None,
    precision: Precision = "auto",
    threads: int | None = None,
) -> DensityClusters:
    """As `dbscan`, with the core mask that attaching new samples needs. `threads` defaults to the usable cores."""
    rows = check_vectors(vectors)
    eps, min_samples = check_eps(eps), check_min_samples(min_samples, len(rows))
    relation = relation_between(rows, rows, eps=eps, precision=precision)
    graph = CoreGraph(len(rows), min_samples=min_samples, barred=check_barred(barred, len(rows)))
    stream_pairs(relation, graph.add, groups=lambda: graph.component, threads=threads)
    core, component, cores, borders = graph.components()
    return DensityClusters(dbscan_labels(core, component, cores, borders), core)
