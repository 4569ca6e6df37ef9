"""Times HDBSCAN against the `hdbscan` library in one run, and checks that labels and probabilities are the same.

    python scripts/bench/hierarchy.py --json hierarchy.json
    python scripts/bench/hierarchy.py --sets faces-20000x128 isotropic-20000x128

Sets: `lfw` are the 13,233 stored vectors of LFW (256 numbers), `faces-NxDIM` are drawn with their spectrum, eight
photographs to a person (`face_like`), `isotropic-NxDIM` have no structure. The library runs once, with the algorithm
that it takes for vectors of more than 60 numbers by itself; it takes minutes. Ours is the median of three runs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from face_like import face_like, isotropic, lfw
from reporting import Took, arguments, median, report, timed

from identity.clustering.hdbscan import HierarchyClusters, hierarchy_clusters, number_by_lowest


def vectors_of(name: str, folder: Path) -> np.ndarray:
    kind, _, size = name.partition("-")
    if kind == "lfw":
        return lfw(folder)[0]
    n, dim = (int(part) for part in size.split("x"))
    return face_like(n, dim, n // 8, 0, folder=folder) if kind == "faces" else isotropic(n, dim, 0)


def ours(vectors: np.ndarray, min_samples: int) -> tuple[HierarchyClusters, Took]:
    kept: list[HierarchyClusters] = []

    def run() -> None:
        kept.append(hierarchy_clusters(vectors, min_cluster_size=min_samples, min_samples=min_samples))

    hierarchy_clusters(vectors[:500])  # imports out of the way
    took = median([timed(run) for _ in range(3)])
    return kept[0], took


def librarys(vectors: np.ndarray, min_samples: int) -> tuple[HierarchyClusters, Took]:
    from hdbscan import HDBSCAN

    model = HDBSCAN(min_cluster_size=min_samples, min_samples=min_samples, algorithm="prims_kdtree", core_dist_n_jobs=1)
    wide = vectors.astype(np.float64)
    took = timed(lambda: model.fit(wide))
    return HierarchyClusters(number_by_lowest(model.labels_.astype(np.int64)), model.probabilities_), took


def row_of(name: str, vectors: np.ndarray, min_samples: int) -> dict[str, object]:
    (found, took), (expected, theirs) = ours(vectors, min_samples), librarys(vectors, min_samples)
    return {
        "vectors": name, "n": len(vectors), "dim": vectors.shape[1], "min_samples": min_samples,
        "clusters": int(found.labels.max()) + 1, "noise": int((found.labels < 0).sum()),
        "labels_differ": int((found.labels != expected.labels).sum()),
        "probabilities_differ": int((found.probabilities != expected.probabilities).sum()),
        "s": took.seconds, "library_s": theirs.seconds, "faster": theirs.seconds / took.seconds,
        "cpu_faster": theirs.cpu_s / took.cpu_s,
    }  # fmt: skip


def main() -> None:
    parser: argparse.ArgumentParser = arguments(__doc__)
    parser.add_argument("--sets", nargs="+", default=["lfw", "faces-20000x128", "isotropic-20000x128"])
    parser.add_argument("--min-samples", type=int, default=5, help="also the smallest cluster")
    options = parser.parse_args()
    rows = [row_of(name, vectors_of(name, options.data), options.min_samples) for name in options.sets]
    report("hierarchy", rows, file=options.json)


if __name__ == "__main__":
    main()
