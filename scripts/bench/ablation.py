"""What each ingredient of the recipe `triplet` is worth: trained without it, one seed, everything else the same.

    python scripts/bench/ablation.py --folder ablation --json ablation.json         # 2 epochs each, 35 minutes
    python scripts/bench/ablation.py --folder ablation --only "no turned digits"

A model folder that is there already is judged again, not trained again. Nothing was chosen by this table: letters
are in it because it reports, the recipe was chosen on digit classes held out of training (`heldout_digits.py`).
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from enrolling import train_images
from openset import LETTERS, as_read, judged
from recognition import SIDE_PX
from reporting import arguments, report, timed

from identity.embedders.onnx import open_session
from identity.imaging.idx import labels_beside, read_idx_images, read_idx_labels
from identity.training import triplet
from identity.training.appearance import Appearance
from identity.training.batches import Mixture
from identity.training.corpus import split
from identity.training.export import export
from identity.training.triplet import TripletRecipe

SEED = 0
SHOWN = (
    "1-NN", "refused", "ambiguous", "letters: AUROC", f"{LETTERS}: AUROC", f"{LETTERS}: accepted at 1 %",
    "notMNIST: AUROC", "nothing: accepted", "USPS: 1-NN", "USPS: refused",
)  # fmt: skip
Change = Callable[[TripletRecipe], TripletRecipe]


def mixed(**changes: int) -> Change:
    """The recipe with other shares in its batches."""
    return lambda recipe: replace(recipe, mixture=replace(Mixture(), **changes))


VARIANTS: dict[str, Change] = {
    "all of it": lambda recipe: recipe,
    "no appearance": lambda recipe: replace(recipe, appearance=Appearance(weight=0.0)),
    "no drawn glyphs": mixed(glyphs=0),
    "no turned digits": mixed(turned=0),
    "no loners": mixed(loners=0),
    "no strangers at all": mixed(glyphs=0, turned=0, loners=0),
    "no warm-up": lambda recipe: replace(recipe, temperature=(recipe.temperature[1], recipe.temperature[1])),
    "no averaging": lambda recipe: replace(recipe, averaging=0.0),
    "no augmentation": lambda recipe: recipe,
}
UNCHANGED = patch.object(triplet, "handwritten", lambda images, seed: images)  # noqa: ARG005 (called by keyword)


def trained(name: str, folder: Path, mnist: Path, *, epochs: int) -> float | None:
    """Seconds of a training, None where its model folder was there before."""
    if (folder / "manifest.json").is_file():
        return None
    path = train_images(mnist)
    beside = labels_beside(path)
    assert beside is not None
    images, labels = read_idx_images(path), read_idx_labels(beside).astype(np.int64)
    rows, _ = split(labels)
    start = time.perf_counter()
    recipe = VARIANTS[name](replace(TripletRecipe(), epochs=epochs))
    with UNCHANGED if name == "no augmentation" else nullcontext():
        model = triplet.fit(images[rows], labels[rows], recipe=recipe, seed=SEED, on_step=lambda *_step: None)
    seconds = time.perf_counter() - start
    facts = {"recipe": f"triplet, {name}", "seed": SEED, "epochs": epochs}
    export(model, folder=folder, name=folder.name, images=images[rows], curve=[(0, 0.0)], facts=facts)
    return seconds


def embed_ms(model: Path, *, repeats: int = 300) -> float:
    """Milliseconds for one image on one core, median."""
    session = open_session(model / "model.onnx", threads=1)
    name, image = session.get_inputs()[0].name, np.zeros((1, SIDE_PX, SIDE_PX, 1), np.float32)
    took = [timed(lambda: session.run(None, {name: image})).seconds for _ in range(repeats)]
    return 1000 * statistics.median(took)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the model folders go")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    parser.add_argument("--nothings", type=int, default=2000, help="images of noise, and as many of each other kind")
    asked = parser.parse_args()
    digits = asked.data / "digits"
    rows: list[dict[str, Any]] = []
    for name in asked.only:
        folder = asked.folder / name.replace(" ", "-")
        seconds = trained(name, folder, digits / "mnist", epochs=asked.epochs)
        found = judged(folder, digits, nothings=asked.nothings)
        told = {"recipe": name, "train_s": seconds, "one image, ms": embed_ms(folder)}
        rows.append(told | {figure: as_read(figure, found[figure]) for figure in SHOWN})
        print(rows[-1], flush=True)
    report("ablation", rows, file=asked.json, epochs=asked.epochs, seed=SEED)


if __name__ == "__main__":
    main()
