"""Recognition on LFW: stored vectors (10-fold), our own pipeline, open-set search, FPIR against its stated interval.

    python scripts/bench/lfw.py ../shared/data [--splits 60] [--json lfw.json]

Prints numbers only; nothing of a person is written.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from identity.core.face_selection import largest
from identity.core.pair_distances import faces_of
from identity.core.rules.own_pairs import calibrate_people
from identity.core.rules.people_points import PeopleThresholds, Targets
from identity.core.types import Labelled
from identity.detectors.yunet import YuNetDetector
from identity.embedders.onnx import OnnxEmbedder
from identity.imaging.five_point import FivePointAligner
from identity.imaging.sources import read_sources
from identity.workflows.batches import batches
from identity.workflows.describe import Pipeline
from identity.zoo.catalogue import REID_0095

PUBLISHED_1E_3, ENROLLED = 0.652, 5


def own_vectors(folder: Path) -> tuple[list[str], np.ndarray]:
    """The largest face of every photograph, through detector, alignment and network."""
    weights, manifest = folder / "weights", REID_0095.manifest
    pipeline = Pipeline(
        YuNetDetector(weights / "yunet/yunet_n_dynamic.onnx"),
        FivePointAligner(manifest.template, manifest.input.size_px),
        OnnxEmbedder(weights / "face-reid-0095/face-reidentification-retail-0095.onnx", manifest),
    )
    names, vectors = [], []
    for batch in batches(read_sources([folder / "faces/lfw/deepfunneled_10plus"]), size=128):
        found = pipeline.describe(batch, pick=lambda image, rows: [largest(rows, (image.height, image.width))])
        names += ["/".join(Path(image.path).parts[-2:]) for image in batch]
        vectors += [row[0].vector for row in found]
    return names, np.stack(vectors)


def stored_vectors(folder: Path) -> dict[str, np.ndarray]:
    stored = np.load(folder / "faces/lfw/embeddings_face_reid_0095.npz")
    vectors = stored["emb"].astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return dict(zip(stored["files"].tolist(), vectors, strict=True))


def pairs_of(path: Path) -> list[tuple[str, str, bool]]:
    """The protocol's 6,000 pairs, fold after fold of 300 mated and 300 others."""
    rows = [line.split() for line in path.read_text().splitlines()[1:] if line.strip()]
    named = [(row[0], row[1], row[0], row[2]) if len(row) == 3 else tuple(row) for row in rows]
    return [(f"{a}/{a}_{int(i):04d}.jpg", f"{b}/{b}_{int(j):04d}.jpg", a == b) for a, i, b, j in named]


def ten_fold(pairs: list[tuple[str, str, bool]], vectors: dict[str, np.ndarray]) -> tuple[float, float]:
    distances = np.array([1 - vectors[a] @ vectors[b] for a, b, _ in pairs])
    same = np.array([mated for *_, mated in pairs])
    folds = np.arange(len(pairs)) // 600
    accuracies = []
    for fold in range(10):
        rest = folds != fold
        levels = np.unique(distances[rest])
        levels = (levels[1:] + levels[:-1]) / 2
        mated, other = np.sort(distances[rest & same]), np.sort(distances[rest & ~same])
        right = np.searchsorted(mated, levels, side="right") - np.searchsorted(other, levels, side="right")
        best = np.flatnonzero(right == right.max())
        level = levels[best[len(best) // 2]]
        accuracies.append((((distances <= level) == same)[folds == fold]).mean())
    return float(np.mean(accuracies)), float(np.std(accuracies))


def own_pairs(pairs: list[tuple[str, str, bool]], own: dict[str, np.ndarray]) -> dict[str, float]:
    """Accuracy at the published point on mated pairs whose photographs are here and as many others."""
    mated = [1 - own[a] @ own[b] for a, b, same in pairs if same and a in own and b in own]
    rng, names = np.random.default_rng(0), sorted(own)
    others: list[float] = []
    while len(others) < len(mated):
        a, b = (names[i] for i in rng.integers(0, len(names), 2))
        others += [1 - own[a] @ own[b]] if a.split("/")[0] != b.split("/")[0] else []
    right = (np.array(mated) <= PUBLISHED_1E_3).sum() + (np.array(others) > PUBLISHED_1E_3).sum()
    return {"mated": len(mated), "accuracy": float(right / len(mated) / 2)}


def open_set(names: list[str], vectors: np.ndarray, *, splits: int) -> dict[str, object]:
    """Half of the people enrolled with 5 photographs each, the others unknown, in many splits."""
    _, who = np.unique([name.split("/")[0] for name in names], return_inverse=True)
    tpir, asked, observed, inside = [], [], [], []
    for split in range(splits):
        rng = np.random.default_rng(split)
        order = rng.permutation(who.max() + 1)
        ours, theirs = order[: len(order) // 2], order[len(order) // 2 :]
        chosen = [rng.permutation(np.flatnonzero(who == person)) for person in ours]
        gallery = np.concatenate([one[:ENROLLED] for one in chosen])
        probes = np.concatenate([one[ENROLLED:] for one in chosen])
        labelled = Labelled(np.arange(len(gallery)), np.repeat(np.arange(len(ours)), ENROLLED), vectors[gallery])
        made = calibrate_people(
            faces_of(labelled, gallery, rng), space="", samples=len(gallery), targets=Targets(), points=(), rng=rng
        )
        thresholds = np.array([made.classes[person].threshold for person in range(len(ours))])
        known, strangers = (
            (1 - vectors[rows] @ vectors[gallery].T).reshape(len(rows), len(ours), ENROLLED).min(axis=2) / thresholds
            for rows in (probes, np.flatnonzero(np.isin(who, theirs)))
        )
        right = ours[known.argmin(axis=1)] == who[probes]
        nearest, stranger = known.min(axis=1), np.sort(strangers.min(axis=1))
        tpir.append(float((right & (nearest < stranger[int(0.01 * len(stranger))])).mean()))
        asked.append(float((right & (nearest <= 1)).mean()))
        observed.append(float((stranger <= 1).mean()))
        search = made.facts_as(PeopleThresholds).search
        inside.append(search.low <= observed[-1] <= search.high)
    return {
        "splits": splits,
        "tpir_at_fpir_1pc_mean": float(np.mean(tpir)), "tpir_at_fpir_1pc_median": float(np.median(tpir)),
        "tpir_at_fpir_1pc_min": min(tpir), "tpir_at_own_threshold_mean": float(np.mean(asked)),
        "fpir_observed_mean": float(np.mean(observed)), "fpir_observed_min": min(observed),
        "fpir_observed_max": max(observed), "fpir_inside_interval": int(sum(inside)),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--splits", type=int, default=60)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    pairs, stored = pairs_of(options.data / "faces/lfw/pairs.txt"), stored_vectors(options.data)
    mean, deviation = ten_fold(pairs, stored)
    figures: dict[str, object] = {"ten_fold_stored": mean, "ten_fold_stored_sd": deviation}
    names, vectors = own_vectors(options.data)
    own = dict(zip(names, vectors, strict=True))
    figures["median_cosine_to_stored"] = float(np.median([own[name] @ stored[name] for name in names]))
    figures["own_pipeline_pairs"] = own_pairs(pairs, own)
    figures["open_set"] = open_set(names, vectors, splits=options.splits)
    for name, value in figures.items():
        print(f"{name:28} {value}")
    if options.json:
        options.json.write_text(json.dumps({"schema": "identity.bench.lfw/1"} | figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
