"""How many strangers a search accepts by reference points, with 1, 3 and 10 photographs of each person enrolled.

    python scripts/bench/photographs_per_person.py ../shared/data [--splits 200] [--json photographs.json]

On LFW's stored vectors. The threshold for a search through n is that of the false match rate 1 - (1 - FPIR)^(1/n), n
being people or samples, but never beyond that of a pair (FMR 0.001). Everybody of whom LFW has fewer than 11
photographs asks as a stranger, each person once.
Prints numbers only; nothing of a person is written.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from identity.core.rules.reference import Enrolled, search_at
from identity.zoo.catalogue import REID_0095_POINTS

PEOPLE, PHOTOGRAPHS, TARGETS, FMR, MOST = (8, 40, 140), (1, 3, 10), (0.01, 0.05), 1e-3, 11
COLUMNS = ("people", "photographs", "target", "rule", "threshold", "fpir", "standard_error", "most", "tpir")


def stored_vectors(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Vectors (n, 256) and whose they are (n,)."""
    stored = np.load(folder / "faces/lfw/embeddings_face_reid_0095.npz")
    vectors = stored["emb"].astype(np.float32)
    names = np.array([name.partition("/")[0] for name in stored["files"].tolist()])
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), names


def split(vectors: np.ndarray, who: np.ndarray, strange: np.ndarray, *, people: int, each: int, seed: int) -> tuple:
    """Distances of strangers to the nearest sample, and of one more photograph of everybody to the own nearest."""
    rng = np.random.default_rng(seed)
    often = np.flatnonzero(np.bincount(who) >= MOST)
    rows = np.stack([
        rng.permutation(np.flatnonzero(who == one))[: each + 1] for one in rng.permutation(often)[:people]
    ])
    gallery, asking = rows[:, 1:], rows[:, 0]
    nearest = (1 - vectors[strange] @ vectors[gallery.ravel()].T).min(axis=1)
    every = (1 - vectors[asking] @ vectors[gallery.ravel()].T).reshape(people, people, each).min(axis=2)
    own = np.where(every.argmin(axis=1) == np.arange(people), every.diagonal(), np.inf)
    return nearest, own


def figures(nearest: np.ndarray, own: np.ndarray, *, people: int, each: int) -> list[dict[str, object]]:
    """A row for each target and each way to count; `nearest` (splits, strangers), `own` (splits, people)."""
    rows: list[dict[str, object]] = []
    for target in TARGETS:
        for rule, count in (("people", people), ("samples", people * each)):
            enrolled = Enrolled(count, people * each)
            point = search_at(REID_0095_POINTS, target, enrolled=enrolled, most=FMR)
            threshold, most = point.threshold, point.high
            rates = (nearest <= threshold).mean(axis=1)
            error = rates.std(ddof=1) / len(rates) ** 0.5
            values = (people, each, target, rule, threshold, rates.mean(), error, most, (own <= threshold).mean())
            rows.append(dict(zip(COLUMNS, (v.item() if isinstance(v, np.generic) else v for v in values), strict=True)))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--splits", type=int, default=200)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    vectors, names = stored_vectors(options.data)
    _, who = np.unique(names, return_inverse=True)
    rare = np.flatnonzero(np.bincount(who)[who] < MOST)
    _, once = np.unique(who[rare], return_index=True)
    rows: list[dict[str, object]] = []
    for people in PEOPLE:
        for each in PHOTOGRAPHS:
            found = [
                split(vectors, who, rare[once], people=people, each=each, seed=seed) for seed in range(options.splits)
            ]
            nearest, own = (np.stack(part) for part in zip(*found, strict=True))
            rows += figures(nearest, own, people=people, each=each)
    for row in rows:
        print("  ".join(f"{value:.4f}" if isinstance(value, float) else str(value) for value in row.values()))
    if options.json:
        options.json.write_text(json.dumps({"schema": "identity.bench.photographs/1", "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
