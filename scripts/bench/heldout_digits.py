"""Six digits known, four unknown: how well a network that never saw four of the digits tells them from its own.

    python scripts/bench/heldout_digits.py --json heldout.json         # five splits, 48 minutes
    python scripts/bench/heldout_digits.py --choose --epochs 5         # how the appearance was chosen, 11 minutes

Reported: for each of five seeded random splits the recipe trains on the six known digits of the 54,000, thresholds are
set on the known ones of the 6,000, and the known digits of MNIST's test set are ranked against its unknown ones by the
score that decides (largest -s_c/T_c).

`--choose` stays inside the 54,000, on two other splits: 48,000 train, the other 6,000 are half thresholds, half probes.
One network is trained for each split, and judged with every blur and weight of the appearance.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from reporting import arguments, report

from identity.core.distance import unit_vectors
from identity.core.metrics import auroc
from identity.core.nearest import Sought
from identity.core.rules.conformal import calibrate
from identity.core.types import Labelled
from identity.core.verdict import decide
from identity.imaging.idx import labels_beside, read_idx_images, read_idx_labels
from identity.indexes.flat import Flat
from identity.training.appearance import Appearance, with_appearance
from identity.training.corpus import split
from identity.training.network import scale_pixels
from identity.training.triplet import TripletRecipe, fit_embedding

REPORTED, CHOOSING = 2026, 1000  # first seeds of the splits
WEIGHTS, BLURS_PX = (0.5, 1.0, 2.0), (1.0, 2.0, 3.0)
K = 5
BATCH_IMAGES = 2000
Digits = tuple[np.ndarray, np.ndarray]  # images (n, 28, 28), labels (n,)


@dataclass(frozen=True)
class Parts:
    """Images of all ten digits by what they are for; training and thresholds use the known ones only."""

    train: Digits
    thresholds: Digits
    probes: Digits


def digits(path: Path) -> Digits:
    beside = labels_beside(path)
    assert beside is not None
    return read_idx_images(path), read_idx_labels(beside).astype(np.int64)


def some(of: Digits, rows: np.ndarray) -> Digits:
    return of[0][rows], of[1][rows]


def reported(mnist: Path) -> Parts:
    """The 54,000, the 6,000, and the test set."""
    everything = digits(mnist / "train-images-idx3-ubyte.gz")
    train, held_out = split(everything[1])
    return Parts(some(everything, train), some(everything, held_out), digits(mnist / "t10k-images-idx3-ubyte.gz"))


def choosing(mnist: Path) -> Parts:
    """48,000, 3,000 and 3,000 of the 54,000."""
    whole = reported(mnist).train
    rows = np.random.default_rng(5).permutation(len(whole[1]))
    return Parts(some(whole, rows[6000:]), some(whole, rows[:3000]), some(whole, rows[3000:6000]))


def known_of(parts: Digits, known: np.ndarray) -> Digits:
    return some(parts, np.flatnonzero(np.isin(parts[1], known)))


def trained(known: np.ndarray, parts: Parts, *, epochs: int, seed: int) -> Any:
    """The embedding of a network that saw six digits."""
    recipe = replace(TripletRecipe(), epochs=epochs)
    return fit_embedding(*known_of(parts.train, known), recipe=recipe, seed=seed, on_step=lambda *_step: None)


def judged(embedding: Any, appearance: Appearance, known: np.ndarray, parts: Parts) -> dict[str, Any]:
    """AUROC of known against unknown probes, and closed-set accuracy on the known ones."""
    images, labels = known_of(parts.train, known)
    model = with_appearance(embedding, images, appearance=appearance)

    def embed(shown: np.ndarray) -> np.ndarray:
        starts = range(0, len(shown), BATCH_IMAGES)
        vectors = [model(scale_pixels(shown[at : at + BATCH_IMAGES]), training=False) for at in starts]
        return unit_vectors(np.concatenate([np.asarray(part) for part in vectors]))

    index = Flat.over(Labelled(np.arange(len(labels)), labels, embed(images)))
    held_out, truth = known_of(parts.thresholds, known)
    found = index.own(embed(held_out), truth.astype(np.int64), k=K)[:, K - 1]
    scores = {int(digit): found[truth == digit] for digit in known}
    probes, asked = parts.probes
    decided = decide(index.search(embed(probes), sought=Sought(k=K)), calibrate(scores, space="", k=K, alpha=0.01))
    is_known = np.isin(asked, known)
    right = known[decided.nearest.reshape(len(asked), -1)[is_known].argmin(axis=1)] == asked[is_known]
    return {
        "known": "".join(map(str, known)),
        "auroc": auroc(decided.scores()[is_known], decided.scores()[~is_known]),
        "accuracy_1nn": float(right.mean()),
        "unknown_accepted": float((decided.codes[~is_known] > 0).mean()),
    }


def rows(
    parts: Parts, appearances: list[Appearance], *, first: int, splits: int, epochs: int
) -> Iterator[dict[str, Any]]:
    """One row for each split and appearance, printed as they come."""
    for seed in range(first, first + splits):
        known = np.sort(np.random.default_rng(seed).permutation(10)[:6])
        embedding = trained(known, parts, epochs=epochs, seed=seed)
        for appearance in appearances:
            told = {"blur_px": appearance.sigma_px, "weight": appearance.weight}
            found = told | judged(embedding, appearance, known, parts)
            print(found, flush=True)
            yield found


def mean(found: list[dict[str, Any]]) -> dict[str, Any]:
    figures = ("auroc", "accuracy_1nn", "unknown_accepted")
    return found[0] | {"known": "mean"} | {name: statistics.mean(row[name] for row in found) for name in figures}


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--choose", action="store_true", help="the splits and the grid that the recipe was chosen on")
    parser.add_argument("--splits", type=int, help="how many, else 5, or 2 to choose")
    parser.add_argument("--epochs", type=int, default=TripletRecipe().epochs)
    asked = parser.parse_args()
    mnist = asked.data / "digits" / "mnist"
    if asked.choose:
        grid = [Appearance(sigma_px=blur, weight=weight) for blur in BLURS_PX for weight in WEIGHTS]
        grid.insert(0, Appearance(weight=0.0))
        made = rows(choosing(mnist), grid, first=CHOOSING, splits=asked.splits or 2, epochs=asked.epochs)
    else:
        grid = [Appearance()]
        made = rows(reported(mnist), grid, first=REPORTED, splits=asked.splits or 5, epochs=asked.epochs)
    found = list(made)
    means = [mean(found[place :: len(grid)]) for place in range(len(grid))]
    report("heldout_digits", [*found, *means], file=asked.json, epochs=asked.epochs, choose=asked.choose)


if __name__ == "__main__":
    main()
