"""The recipes by name, and the one function that runs any of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from identity.core.errors import TrainingError

RECIPES = ("triplet", "classic")
MISSING = "training needs TensorFlow: install it with pip install 'identity-search[train]'"
Progress = Callable[[int, int, float], None]


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is trained on: images (n, 28, 28) uint8 light on dark, labels (n,), and where they are from."""

    images: NDArray[np.uint8]
    labels: NDArray[np.integer]
    name: str
    sha256: str


@dataclass(slots=True)
class _Recorder:
    """Keeps the loss of every step and passes it on."""

    on_step: Progress
    curve: list[tuple[int, float]] = field(default_factory=list)

    def __call__(self, done: int, total: int, loss: float) -> None:
        """One step is done."""
        self.curve.append((done, loss))
        self.on_step(done, total, loss)


def train(
    corpus: Corpus, *, recipe: str, epochs: int | None, seed: int, folder: Path, name: str, on_step: Progress
) -> Path:
    """Train a digit network and write its model folder, which is returned.

    Raises `TrainingError` where TensorFlow is not installed, the recipe is unknown, the corpus has fewer than two
    classes, or the exported network disagrees with the trained one.
    """
    if len(np.unique(corpus.labels)) < 2:
        raise TrainingError("one class cannot be told from others: give labelled images of at least two")
    try:
        import tensorflow  # noqa: F401
        import tf2onnx  # noqa: F401
    except ImportError as error:
        raise TrainingError(MISSING) from error
    from identity.training.export import export

    recorder, started = _Recorder(on_step), time.monotonic()
    model, used = _fit(corpus, recipe, epochs=epochs, seed=seed, on_step=recorder)
    facts = {
        "recipe": recipe, "seed": seed, "epochs": used, "data": corpus.name, "data_sha256": corpus.sha256,
        "seconds": round(time.monotonic() - started),
    }  # fmt: skip
    return export(
        model, folder=folder, name=name, images=corpus.images, curve=recorder.curve, facts=facts
    )


def _fit(
    corpus: Corpus, recipe: str, *, epochs: int | None, seed: int, on_step: Progress
) -> tuple[object, int]:
    match recipe:
        case "triplet":
            from identity.training import triplet

            modern = triplet.TripletRecipe() if epochs is None else replace(triplet.TripletRecipe(), epochs=epochs)
            model = triplet.fit(corpus.images, corpus.labels, recipe=modern, seed=seed, on_step=on_step)
            return model, modern.epochs
        case "classic":
            from identity.training import classic

            plain = classic.ClassicRecipe() if epochs is None else replace(classic.ClassicRecipe(), epochs=epochs)
            model = classic.fit(corpus.images, corpus.labels, recipe=plain, seed=seed, on_step=on_step)
            return model, plain.epochs
        case _:
            raise TrainingError(f"there is no recipe '{recipe}': choose one of {', '.join(RECIPES)}")
