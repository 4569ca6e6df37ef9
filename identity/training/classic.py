"""Recipe `classic`, as the coursework had it: triplets from an endless generator into a three-input Keras model.

The loss ||A - P|| - ||A - N|| + margin, hinged at 0 (Schroff et al. 2015), is computed inside the model; training
minimises its mean through a loss function that only averages what the model predicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from identity.training.network import SIZE_PX, embedding_network, scale_pixels, settle_normalisation

Triplets = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
Step = Callable[[int, int, float], None]


@dataclass(frozen=True, slots=True)
class ClassicRecipe:
    """Everything the recipe can be told."""

    dim: int = 64
    epochs: int = 5
    batch: int = 128
    margin: float = 0.5
    learning_rate: float = 1e-3


def triplets(
    images: NDArray[np.uint8], labels: NDArray[np.integer], *, batch: int, rng: np.random.Generator
) -> Iterator[Triplets]:
    """Anchors, positives of the same class and negatives of another (batch, 28, 28, 1) each, without end."""
    rows_of = {int(label): np.flatnonzero(labels == label) for label in np.unique(labels)}
    classes = np.array(sorted(rows_of))
    while True:
        own = rng.choice(classes, batch)
        other = classes[(np.searchsorted(classes, own) + rng.integers(1, len(classes), batch)) % len(classes)]
        rows = ([rng.choice(rows_of[int(label)]) for label in wanted] for wanted in (own, own, other))
        anchor, positive, negative = (scale_pixels(images[chosen]) for chosen in rows)
        yield anchor, positive, negative


def triplet_model(embed: Any, *, margin: float) -> Any:
    """Three images in, their triplet loss out (n, 1); `embed` is shared by the three."""
    images = [keras.Input((SIZE_PX, SIZE_PX, 1), name=name) for name in ("anchor", "positive", "negative")]
    unit = layers.UnitNormalization(axis=-1, name="unit")
    vectors = [unit(embed(image)) for image in images]
    return keras.Model(images, TripletLoss(margin=margin, name="triplet_loss")(vectors))


@keras.saving.register_keras_serializable("identity")
class TripletLoss(layers.Layer):  # type: ignore[misc]
    """max(||A - P|| - ||A - N|| + margin, 0) per triplet."""

    def __init__(self, *, margin: float, name: str) -> None:
        """Keep the margin."""
        super().__init__(name=name)
        self.margin = margin

    def call(self, vectors: Any) -> Any:
        """Losses (n, 1) of anchors, positives and negatives (n, dim) each."""
        anchor, positive, negative = vectors
        return ops.relu(_norm(anchor - positive) - _norm(anchor - negative) + self.margin)


def _norm(difference: Any) -> Any:
    return ops.sqrt(ops.sum(ops.square(difference), axis=-1, keepdims=True) + 1e-9)


def identity_loss(_truth: Any, predicted: Any) -> Any:
    """The mean of what the model predicts: the loss is already in there."""
    return ops.mean(predicted)


def fit(
    images: NDArray[np.uint8], labels: NDArray[np.integer], *, recipe: ClassicRecipe, seed: int, on_step: Step
) -> Any:
    """A trained Keras model, 28x28x1 floats in 0..1 to (dim,)."""
    keras.utils.set_random_seed(seed)
    embed = embedding_network(dim=recipe.dim)
    model = triplet_model(embed, margin=recipe.margin)
    model.compile(optimizer=keras.optimizers.Adam(recipe.learning_rate), loss=identity_loss)
    total = recipe.epochs * max(1, len(images) // recipe.batch)
    endless = triplets(images, labels, batch=recipe.batch, rng=np.random.default_rng(seed))
    nothing = np.zeros((recipe.batch, 1), np.float32)
    for done in range(1, total + 1):
        on_step(done, total, float(model.train_on_batch(list(next(endless)), nothing)))
    settle_normalisation(embed, (anchor for anchor, _, _ in endless))
    return embed
