"""Recognition on LFW: stored vectors (10-fold), our own pipeline, open-set search, FPIR against its stated interval.

    python scripts/bench/lfw.py ../shared/data [--splits 60] [--json lfw.json]

Prints numbers only; nothing of a person is written.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from identity.core.face_selection import only_largest
from identity.core.pair_distances import faces_of
from identity.core.rules.people_calibration import calibrate_people
from identity.core.rules.people_points import PeopleThresholds, Targets
from identity.core.types import Labelled
from identity.detectors.yunet import YuNetDetector
from identity.embedders.onnx import OnnxEmbedder
from identity.imaging.five_point import FivePointAligner
from identity.imaging.sources import read_sources
from identity.workflows.batches import batches
from identity.workflows.describe import Pipeline
from identity.zoo.catalogue import REID_0095

REFERENCE_1E_3, ENROLLED = 0.652, 5
LEAST, MANY = 3, 10  # photographs of a person


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
        found = pipeline.embed(pipeline.align(batch, only_largest(batch, pipeline.regions(batch))))
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
    """Accuracy on mated pairs whose photographs are here and as many others, at a point that LFW itself gave.

    So it is partly circular, and says little of other photographs.
    """
    mated = [1 - own[a] @ own[b] for a, b, same in pairs if same and a in own and b in own]
    rng, names = np.random.default_rng(0), sorted(own)
    others: list[float] = []
    while len(others) < len(mated):
        a, b = (names[i] for i in rng.integers(0, len(names), 2))
        others += [1 - own[a] @ own[b]] if a.split("/")[0] != b.split("/")[0] else []
    right = (np.array(mated) <= REFERENCE_1E_3).sum() + (np.array(others) > REFERENCE_1E_3).sum()
    return {"mated": len(mated), "accuracy_at_a_point_of_lfw": float(right / len(mated) / 2)}


def split(who: np.ndarray, vectors: np.ndarray, ours: np.ndarray, theirs: np.ndarray, *, seed: int) -> dict[str, float]:
    """Some people enrolled with up to 5 photographs each, one at least left for asking; others ask as strangers."""
    rng = np.random.default_rng(seed)
    chosen = [rng.permutation(np.flatnonzero(who == person)) for person in ours]
    enrolled = [one[: min(ENROLLED, len(one) - 1)] for one in chosen]
    gallery, probes = (
        np.concatenate(enrolled),
        np.concatenate([o[len(e) :] for o, e in zip(chosen, enrolled, strict=True)]),
    )
    counts = np.array([len(one) for one in enrolled])
    labelled = Labelled(np.arange(len(gallery)), np.repeat(np.arange(len(ours)), counts), vectors[gallery])
    made = calibrate_people(
        faces_of(labelled, gallery, rng), space="", targets=Targets(), rng=rng
    )
    thresholds = np.array([made.classes[person].threshold for person in range(len(ours))])
    bounds = np.cumsum(counts) - counts
    strange = np.flatnonzero(np.isin(who, theirs))
    known, strangers = (
        np.minimum.reduceat(1 - vectors[rows] @ vectors[gallery].T, bounds, axis=1) / thresholds
        for rows in (probes, strange)
    )
    right, nearest = ours[known.argmin(axis=1)] == who[probes], known.min(axis=1)
    accepted = strangers.min(axis=1) <= 1
    at_1pc = np.sort(strangers.min(axis=1))[int(0.01 * len(strange))]
    _, person = np.unique(who[strange], return_inverse=True)
    by_person = float((np.bincount(person, accepted) / np.bincount(person)).mean())
    point = made.facts_as(PeopleThresholds).search
    return {
        "tpir_at_fpir_1pc": float((right & (nearest < at_1pc)).mean()),
        "tpir_at_own_threshold": float((right & (nearest <= 1)).mean()),
        "fpir": float(accepted.mean()), "fpir_by_person": by_person, "low": point.low, "high": point.high,
        "inside": float(point.low - 1e-9 <= by_person <= point.high + 1e-9),
        "inside_by_photograph": float(point.low - 1e-9 <= accepted.mean() <= point.high + 1e-9),
    }  # fmt: skip


def figures_of(found: list[dict[str, float]]) -> dict[str, object]:
    """What the splits showed."""
    column = {name: np.array([one[name] for one in found]) for name in found[0]}
    tpir, fpir = column["tpir_at_fpir_1pc"], column["fpir_by_person"]
    return {
        "splits": len(found), "tpir_at_fpir_1pc_mean": float(tpir.mean()),
        "tpir_at_fpir_1pc_median": float(np.median(tpir)), "tpir_at_fpir_1pc_min": float(tpir.min()),
        "tpir_at_own_threshold_mean": float(column["tpir_at_own_threshold"].mean()),
        "fpir_by_photograph_mean": float(column["fpir"].mean()), "fpir_observed_mean": float(fpir.mean()),
        "fpir_observed_min": float(fpir.min()), "fpir_observed_max": float(fpir.max()),
        "interval_mean": [float(column["low"].mean()), float(column["high"].mean())],
        "fpir_inside_interval": int(column["inside"].sum()),
        "fpir_by_photograph_inside_interval": int(column["inside_by_photograph"].sum()),
    }  # fmt: skip


def open_set(names: list[str], vectors: np.ndarray, *, splits: int) -> dict[str, object]:
    """Half of the people enrolled, the others unknown, in many splits."""
    _, who = np.unique([name.split("/")[0] for name in names], return_inverse=True)
    found = []
    for seed in range(splits):
        order = np.random.default_rng(seed).permutation(who.max() + 1)
        found.append(split(who, vectors, order[: len(order) // 2], order[len(order) // 2 :], seed=seed))
    return figures_of(found)


def many_strangers(stored: dict[str, np.ndarray], *, splits: int) -> dict[str, dict[str, object]]:
    """People of 10 photographs and more enrolled, those of 3 to 9 strangers; then 200 of all, the rest strangers."""
    people = [name.split("/")[0] for name in stored]
    _, who, photographs = np.unique(people, return_inverse=True, return_counts=True)
    vectors, several = np.stack(list(stored.values())), np.flatnonzero(photographs >= LEAST)
    many, few = several[photographs[several] >= MANY], several[photographs[several] < MANY]
    found: dict[str, dict[str, object]] = {}
    for enrolled, among, others in ((79, many, few), (len(many), many, few), (200, several, several)):
        rounds = []
        for seed in range(splits):
            ours = np.random.default_rng(seed).permutation(among)[:enrolled]
            rounds.append(split(who, vectors, ours, np.setdiff1d(others, ours), seed=seed))
        strangers = len(np.setdiff1d(others, ours))
        found[f"{enrolled}_enrolled_{strangers}_strangers"] = figures_of(rounds)
    return found


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
    figures |= many_strangers(stored, splits=options.splits)
    for name, value in figures.items():
        print(f"{name:28} {value}")
    if options.json:
        options.json.write_text(json.dumps({"schema": "identity.bench.lfw/1"} | figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
