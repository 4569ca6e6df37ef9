"""How good clusters are on real vectors: eps chosen without labels against the best one found with them; and attaching.

    python scripts/bench/clusters.py ../shared/data --json clusters.json

LFW: the 13,233 stored vectors of face-reid-0095, from the vectors alone, and with the network's reference points,
which LFW's own labels gave: no fair figure. ORL and MNIST's test images: embedded here, by YuNet and face-reid-0095,
and by the network that ships. A grid of eps, 0.01 apart, is tried with the labels. Then a gallery of LFW's vectors gets
1 % new ones: the workflow's incremental run against its full run, vectors read from SQLite and labels written to it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from identity.clustering.dbscan.density import dbscan
from identity.clustering.eps import choose_eps
from identity.clustering.hdbscan import hdbscan
from identity.clustering.quality import bcubed
from identity.core.distance import unit_vectors
from identity.core.types import Box, NewSample, Role, SourceImage

if TYPE_CHECKING:
    from identity.core.ports import GalleryStore
    from identity.gallery import Gallery

GRID = np.arange(0.02, 0.71, 0.01)
Points = list[tuple[float, float]]


def judged(vectors: np.ndarray, who: np.ndarray, *, min_samples: int, points: Points, grid: np.ndarray) -> dict:
    chosen = choose_eps(vectors, min_samples=min_samples, operating_points=points)
    row = {"n": len(who), "people": len(set(who.tolist())), "min_samples": min_samples, "reference": bool(points)}
    row |= {"eps_auto": round(chosen.value, 4), **_figures("auto", dbscan_at(vectors, chosen.value, min_samples), who)}
    tried = [(bcubed(dbscan_at(vectors, eps, min_samples), who).f1, float(eps)) for eps in grid]
    best_f, eps_best = max(tried, default=(None, None))
    return row | {"eps_best": eps_best and round(eps_best, 4), "best_f": best_f, "reason": chosen.reason}


def dbscan_at(vectors: np.ndarray, eps: float, min_samples: int) -> np.ndarray:
    return dbscan(vectors, eps=float(eps), min_samples=min_samples)


def _figures(name: str, labels: np.ndarray, who: np.ndarray) -> dict:
    agreement = bcubed(labels, who)
    sizes = np.bincount(labels[labels >= 0], minlength=1)
    return {
        f"{name}_p": round(agreement.precision, 4), f"{name}_r": round(agreement.recall, 4),
        f"{name}_f": round(agreement.f1, 4), f"{name}_clusters": int(labels.max()) + 1,
        f"{name}_largest": int(sizes.max()), f"{name}_noise": int((labels < 0).sum()),
    }  # fmt: skip


def lfw(root: Path) -> tuple[np.ndarray, np.ndarray]:
    with np.load(root / "faces/lfw/embeddings_face_reid_0095.npz") as stored:
        who = np.unique([name.split("/")[0] for name in stored["files"]], return_inverse=True)[1]
        return unit_vectors(stored["emb"].astype(np.float32)), who


def orl(root: Path, home: Path) -> tuple[np.ndarray, np.ndarray]:
    from identity.bootstrap import load_pipeline, model_folder
    from identity.settings import from_environment

    models = model_folder(from_environment(home=home, database=None))
    models.add(root / "weights/yunet/yunet_n_dynamic.onnx")
    models.add(root / "weights/face-reid-0095/face-reidentification-retail-0095.onnx")
    return embedded(load_pipeline(models, model="face-reid-0095", detector="yunet"), root / "faces/orl", limit=None)


def mnist(root: Path, home: Path, *, limit: int) -> tuple[np.ndarray, np.ndarray]:
    from identity.bootstrap import load_pipeline, model_folder
    from identity.settings import from_environment

    pipeline = load_pipeline(model_folder(from_environment(home=home, database=None)), model="digits", detector="whole")
    source = next((root / "digits/mnist").glob("t10k-images*"))
    return embedded(pipeline, source, limit=limit)


def embedded(pipeline: object, source: Path, *, limit: int | None) -> tuple[np.ndarray, np.ndarray]:
    from itertools import islice

    from identity.gallery.images import images_of

    images = [image for image in islice(images_of([source]), limit) if image.error is None]
    found = [regions[0] for at in range(0, len(images), 256) for regions in pipeline.describe(images[at : at + 256])]
    who = np.unique([image.label for image in images], return_inverse=True)[1]
    kept = [row for row, part in enumerate(found) if part.vector is not None]
    return np.stack([found[row].vector for row in kept]), who[kept]


def attaching(vectors: np.ndarray, home: Path, points: Points) -> dict:
    """Seconds of the whole workflow, store included, and of the method alone."""
    from identity.workflows.cluster.request import ClusterRequest

    opened = gallery_of(home, points, dim=vectors.shape[1])
    order = np.random.default_rng(0).permutation(len(vectors))
    new = len(vectors) // 100
    enroll(opened.store, vectors, order[new:])
    opened.clusters.run(ClusterRequest(full=True))
    enroll(opened.store, vectors, order[:new])
    reading = seconds(lambda: opened.load_cluster_store().state())
    incremental = seconds(lambda: opened.clusters.run(ClusterRequest()))
    full = seconds(lambda: opened.clusters.run(ClusterRequest(full=True)))
    eps = opened.load_cluster_store().state().run.eps
    return {
        "n": len(vectors), "new": new, "full_s": round(full, 3), "incremental_s": round(incremental, 3),
        "of_which_reading_s": round(reading, 3), "ratio": round(full / incremental, 1),
        **method_alone(vectors[order[new:]], vectors[order[:new]], eps=eps),
    }  # fmt: skip


def method_alone(stored: np.ndarray, new: np.ndarray, *, eps: float) -> dict:
    from identity.clustering.dbscan.density import density_clusters
    from identity.clustering.incremental import attach

    start = time.perf_counter()
    done = density_clusters(stored, eps=eps, min_samples=2)
    full = time.perf_counter() - start
    cores, labels, loose = stored[done.core], done.labels[done.core], stored[~done.core]
    attached = seconds(lambda: attach(cores, labels, new, eps=eps, min_samples=2, loose_vectors=loose))
    return {
        "method_full_s": round(full, 3), "method_attach_s": round(attached, 3),
        "method_ratio": round(full / attached, 1),
    }  # fmt: skip


def gallery_of(home: Path, points: Points, *, dim: int) -> Gallery:
    """An empty gallery of faces whose network has these reference points."""
    from identity.core.model import InputSpec, ModelManifest, OperatingPoint
    from identity.gallery import Gallery
    from identity.indexes.snapshot_folder import SnapshotFolder
    from identity.store.clusters import SqlClusters
    from identity.store.galleries import SqlGalleries
    from identity.store.samples import SampleStore
    from identity.store.sqlite.database import Database

    database = Database.open(f"sqlite:///{home / 'clusters.db'}")
    gallery = SqlGalleries(database).create("bench", model="m", detector="d", space="s", dim=dim)
    measured = tuple(OperatingPoint(fmr, distance) for fmr, distance in points)
    spec = InputSpec("NCHW", 4, "grey", (0.0,), 1.0)
    model = ModelManifest("m", "face", "m.onnx", "0" * 64, 1, 1, spec, "whole/1", operating_points=measured)
    return Gallery(
        store=SampleStore(database, gallery),
        load_cluster_store=lambda: SqlClusters(database, gallery),
        snapshots=SnapshotFolder(home / "indexes"),
        load_pipeline=lambda: NotImplemented,
        on_close=database.close,
        finish_removals=lambda: 0, model=lambda: model,
    )  # fmt: skip


def enroll(store: GalleryStore, vectors: np.ndarray, rows: np.ndarray) -> None:
    """Each row is a sample of an image of its own."""
    images = [SourceImage("b", f"b/{row}", content=b"%032d" % row) for row in rows]
    box = Box(0, 0, 1, 1)
    store.add([NewSample(i, box, vectors[row], None, Role.GALLERY) for i, row in zip(images, rows, strict=True)])


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with faces/, digits/ and weights/")
    parser.add_argument("--digits", type=int, default=10_000, help="MNIST test images taken")
    parser.add_argument("--hdbscan", action="store_true", help="judge hdbscan too (minutes on LFW)")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    points = [(1e-2, 0.753), (1e-3, 0.652), (1e-4, 0.567), (1e-5, 0.489)]
    rows: dict[str, dict] = {}
    with tempfile.TemporaryDirectory() as name:
        vectors, who = lfw(options.folder)
        coarse = np.arange(0.30, 0.56, 0.01)
        rows["lfw"] = judged(vectors, who, min_samples=2, points=[], grid=coarse)
        rows["lfw, with points that lfw gave"] = judged(vectors, who, min_samples=2, points=points, grid=coarse[:0])
        rows["attach"] = attaching(vectors, Path(name), points)
        faces, people = orl(options.folder, Path(name))
        rows["orl"] = judged(faces, people, min_samples=2, points=points, grid=GRID)
        digits, labels = mnist(options.folder, Path(name), limit=options.digits)
        rows["mnist"] = judged(digits, labels, min_samples=5, points=[], grid=GRID[:40])
        if options.hdbscan:
            rows["orl"] |= _figures("hdbscan", hdbscan(faces), people)
    for name, row in rows.items():
        print(name, "  ".join(f"{key} {value}" for key, value in row.items()), flush=True)
    if options.json:
        options.json.write_text(json.dumps({"schema": "identity.bench.clusters/1", **rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
