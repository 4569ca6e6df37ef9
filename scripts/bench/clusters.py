"""How good clusters are on real vectors: eps chosen without labels against the best one found with them; and attaching.

    python scripts/bench/clusters.py ../shared/data --json clusters.json

LFW: the 13,233 stored vectors of face-reid-0095, with its reference points and without. ORL and MNIST's test
images: embedded here, by YuNet and face-reid-0095, and by the network that ships. Truth is used to judge only. A grid
of eps, 0.01 apart, is tried with the labels. Then a gallery of LFW's vectors gets 1 % new ones: the workflow's
incremental run against its full run, vectors read from SQLite and labels written to it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np

from identity.clustering.dbscan.density import dbscan
from identity.clustering.eps import choose_eps
from identity.clustering.hdbscan import hdbscan
from identity.clustering.quality import bcubed
from identity.core.distance import normalised

GRID = np.arange(0.02, 0.71, 0.01)
Points = list[tuple[float, float]]


def judged(vectors: np.ndarray, who: np.ndarray, *, min_samples: int, points: Points, grid: np.ndarray) -> dict:
    chosen = choose_eps(vectors, min_samples=min_samples, operating_points=points)
    row = {"n": len(who), "people": len(set(who.tolist())), "min_samples": min_samples, "reference": bool(points)}
    row |= {"eps_auto": round(chosen.value, 4), **_figures("auto", dbscan_at(vectors, chosen.value, min_samples), who)}
    tried = {float(eps): bcubed(dbscan_at(vectors, eps, min_samples), who).f1 for eps in grid}
    best = max(tried, key=tried.__getitem__)
    return row | {"eps_best": round(best, 4), "best_f": round(tried[best], 4), "reason": chosen.reason}


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
        return normalised(stored["emb"].astype(np.float32)), who


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
    from identity.clustering.dbscan.density import density_clusters
    from identity.clustering.incremental import attach
    from identity.core.model import InputSpec, ModelManifest, OperatingPoint
    from identity.core.types import Box, NewSample, Role, SourceImage
    from identity.gallery import Gallery
    from identity.indexes.snapshot import SnapshotFolder
    from identity.store.clusters import SqlClusters
    from identity.store.galleries import SqlGalleries
    from identity.store.samples import SampleStore
    from identity.store.sqlite.database import Database
    from identity.workflows.cluster.request import ClusterRequest

    database = Database.open(f"sqlite:///{home / 'clusters.db'}")
    gallery = SqlGalleries(database).create("bench", model="m", detector="d", space="s", dim=vectors.shape[1])
    store = SampleStore(database, gallery)
    measured = tuple(OperatingPoint(fmr, distance) for fmr, distance in points)
    spec = InputSpec("NCHW", 4, "grey", (0.0,), 1.0)
    model = ModelManifest("m", "face", "m.onnx", "0" * 64, 1, 1, spec, "whole/1", operating_points=measured)
    opened = Gallery(
        store=store,
        load_cluster_store=lambda: SqlClusters(database, gallery),
        snapshots=SnapshotFolder(home / "indexes"),
        load_pipeline=lambda: NotImplemented,
        on_close=database.close,
        model=lambda: model,
    )
    order = np.random.default_rng(0).permutation(len(vectors))
    new = len(vectors) // 100

    def enroll(rows: np.ndarray) -> None:
        images = [SourceImage("b", f"b/{row}", content=b"%032d" % row) for row in rows]
        box = Box(0, 0, 1, 1)
        store.add([NewSample(i, box, vectors[row], None, Role.GALLERY) for i, row in zip(images, rows, strict=True)])

    def run(*, full: bool) -> float:
        start = time.perf_counter()
        opened.clusters.run(ClusterRequest(full=full))
        return time.perf_counter() - start

    enroll(order[new:])
    run(full=True)
    enroll(order[:new])
    start = time.perf_counter()
    opened.load_cluster_store().state()
    reading = time.perf_counter() - start
    incremental = run(full=False)
    full = run(full=True)
    eps = opened.load_cluster_store().state().run.eps
    start = time.perf_counter()
    done = density_clusters(vectors[order[new:]], eps=eps, min_samples=2)
    middle = time.perf_counter()
    stored = vectors[order[new:]]
    attach(
        stored[done.core], done.labels[done.core], vectors[order[:new]], eps=eps, min_samples=2,
        loose_vectors=stored[~done.core],
    )  # fmt: skip
    method = middle - start, time.perf_counter() - middle
    return {
        "n": len(vectors), "new": new, "full_s": round(full, 3), "incremental_s": round(incremental, 3),
        "of_which_reading_s": round(reading, 3), "ratio": round(full / incremental, 1),
        "method_full_s": round(method[0], 3), "method_attach_s": round(method[1], 3),
        "method_ratio": round(method[0] / method[1], 1),
    }  # fmt: skip


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
        rows["lfw"] = judged(vectors, who, min_samples=2, points=points, grid=coarse)
        rows["lfw, vectors alone"] = judged(vectors, who, min_samples=2, points=[], grid=np.array([0.40]))
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
