"""Six digits known, four unknown: how well a network that never saw four of the digits tells them from its own.

    python scripts/bench/heldout_digits.py --json heldout.json         # five splits, 5 epochs each, 15 minutes
    python scripts/bench/heldout_digits.py --splits 1 --epochs 1

For each of five seeded random splits the recipe trains on the six known digits of the 54,000, thresholds are set on
the known ones of the 6,000, and the known digits of MNIST's test set are ranked against its unknown ones by the score
that decides (largest -s_c/T_c). The splits that the recipe's appearance was chosen on are others.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from reporting import arguments, report

from identity.core.calibration import calibrate
from identity.core.distance import normalised
from identity.core.metrics import auroc
from identity.core.types import Labelled
from identity.core.verdict import decide
from identity.imaging.idx import labels_beside, read_idx_images, read_idx_labels
from identity.indexes.flat import Flat
from identity.training.corpus import split
from identity.training.network import scaled
from identity.training.triplet import TripletRecipe, fit

FIRST_SPLIT = 2026
K = 5
BATCH_IMAGES = 2000


def digits(path: Path) -> tuple[np.ndarray, np.ndarray]:
    beside = labels_beside(path)
    assert beside is not None
    return read_idx_images(path), read_idx_labels(beside).astype(np.int64)


def judged(known: np.ndarray, mnist: Path, *, epochs: int, seed: int) -> dict[str, object]:
    """AUROC of known against unknown test digits, and closed-set accuracy on the known ones."""
    images, labels = digits(mnist / "train-images-idx3-ubyte.gz")
    own, held_out = (rows[np.isin(labels[rows], known)] for rows in split(labels))
    start = time.perf_counter()
    recipe = replace(TripletRecipe(), epochs=epochs)
    model = fit(images[own], labels[own], recipe=recipe, seed=seed, on_step=lambda *_step: None)
    seconds = time.perf_counter() - start

    def embed(shown: np.ndarray) -> np.ndarray:
        parts = [shown[at : at + BATCH_IMAGES] for at in range(0, len(shown), BATCH_IMAGES)]
        return normalised(np.concatenate([np.asarray(model(scaled(part), training=False)) for part in parts]))

    index = Flat.of(Labelled(np.arange(len(own)), labels[own], embed(images[own])))
    found = index.search(embed(images[held_out]), k=K).distances[:, :, K - 1]
    truth = np.searchsorted(known, labels[held_out])
    scores = {int(digit): found[truth == column, column] for column, digit in enumerate(known)}
    calibration = calibrate(scores, space="", k=K, alpha=0.01)
    test, test_labels = digits(mnist / "t10k-images-idx3-ubyte.gz")
    decided = decide(index.search(embed(test), k=K), calibration)
    is_known = np.isin(test_labels, known)
    right = known[decided.nearest[is_known].argmin(axis=1)] == test_labels[is_known]
    return {
        "known": "".join(map(str, known)),
        "auroc": auroc(decided.scores[is_known], decided.scores[~is_known]),
        "accuracy_1nn": float(right.mean()),
        "unknown_accepted": float((decided.codes[~is_known] > 0).mean()),
        "training_s": round(seconds),
    }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=5)
    asked = parser.parse_args()
    rows = []
    for seed in range(FIRST_SPLIT, FIRST_SPLIT + asked.splits):
        known = np.sort(np.random.default_rng(seed).permutation(10)[:6])
        rows.append(judged(known, asked.data / "digits" / "mnist", epochs=asked.epochs, seed=seed))
        print(rows[-1], flush=True)
    means = {name: statistics.mean(row[name] for row in rows) for name in list(rows[0])[1:]}
    report("heldout_digits", [*rows, {"known": "mean"} | means], file=asked.json, epochs=asked.epochs)


if __name__ == "__main__":
    main()
