"""Recipe `triplet`, the one that ships: P x K batches mined ever harder, with synthetic strangers among them.

Weights are averaged over the later steps (exponential moving average), which is what is exported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from identity.training.augment import affine
from identity.training.glyphs import negatives
from identity.training.mining import soft_batch_hard
from identity.training.network import embedding_network

Step = Callable[[int, int, float], None]


@dataclass(frozen=True, slots=True)
class TripletRecipe:
    """Everything the recipe can be told."""

    dim: int = 64
    epochs: int = 14
    per_class: int = 14
    strangers: int = 40
    pool: int = 30_000  # synthetic strangers drawn once
    margin: float = 0.8
    sharpness: tuple[float, float] = (4.0, 16.0)  # of the mining, at the start and after the warm-up
    warm_up: float = 0.3  # share of the steps in which it rises
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    averaging: float = 0.998


def fit(
    images: NDArray[np.uint8], labels: NDArray[np.integer], *, recipe: TripletRecipe, seed: int, on_step: Step
) -> Any:
    """A trained Keras model in float32, 28x28x1 floats in 0..1 to (dim,)."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = embedding_network(dim=recipe.dim, dtype="mixed_bfloat16")
    batches = _Batches(images, labels, negatives(images, labels, count=recipe.pool, rng=rng), recipe, rng)
    total = recipe.epochs * batches.per_epoch
    schedule = keras.optimizers.schedules.CosineDecay(
        1e-5, total, alpha=0.005, warmup_target=recipe.learning_rate, warmup_steps=min(200, total // 10 + 1)
    )
    optimizer = keras.optimizers.AdamW(
        schedule, weight_decay=recipe.weight_decay, global_clipnorm=1.0, use_ema=True, ema_momentum=recipe.averaging
    )
    optimizer.build(model.trainable_variables)
    step = _step_function(model, optimizer, margin=recipe.margin)
    start, end = recipe.sharpness
    for done in range(total):
        sharpness = start + (end - start) * min(1.0, done / (recipe.warm_up * total))
        value = step(*batches.draw(), tf.constant([seed, done], tf.int32), tf.constant(sharpness))
        on_step(done + 1, total, float(value))
    optimizer.finalize_variable_values(model.trainable_variables)
    _settle_normalisation(model, batches)
    return _in_float32(model, recipe)


class _Batches:
    """Draws P x K digits and some strangers."""

    def __init__(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.integer],
        pool: NDArray[np.uint8],
        recipe: TripletRecipe,
        rng: np.random.Generator,
    ) -> None:
        self._images, self._pool, self._recipe, self._rng = images, pool, recipe, rng
        self._rows = [np.flatnonzero(labels == label) for label in np.unique(labels)]
        self.labels = np.repeat(np.arange(len(self._rows)), recipe.per_class).astype(np.int32)
        self.per_epoch = max(1, len(images) // len(self.labels))

    def draw(self) -> tuple[Any, Any]:
        """Images (P*K + strangers, 28, 28, 1) uint8 and labels (P*K,) int32."""
        chosen = np.concatenate([self._rng.choice(rows, self._recipe.per_class) for rows in self._rows])
        strangers = self._rng.integers(0, len(self._pool), self._recipe.strangers)
        together = np.concatenate([self._images[chosen], self._pool[strangers]])[..., None]
        return tf.constant(together), tf.constant(self.labels)


def _step_function(model: Any, optimizer: Any, *, margin: float) -> Any:
    @tf.function
    def step(images: Any, labels: Any, seed: Any, sharpness: Any) -> Any:
        shown = affine(tf.cast(images, tf.float32) / 255.0, seed=seed)
        with tf.GradientTape() as tape:
            vectors = tf.math.l2_normalize(model(shown, training=True), axis=1)
            known = tf.shape(labels)[0]
            value = soft_batch_hard(vectors[:known], labels, vectors[known:], margin=margin, sharpness=sharpness)
        gradients = tape.gradient(value, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return value

    return step


def _settle_normalisation(model: Any, batches: _Batches, *, rounds: int = 200) -> None:
    """The averaged weights see other activations than those the running statistics were taken from: take them anew."""
    for place in range(rounds):
        images, _ = batches.draw()
        model(affine(tf.cast(images, tf.float32) / 255.0, seed=tf.constant([place, 1], tf.int32)), training=True)


def _in_float32(model: Any, recipe: TripletRecipe) -> Any:
    plain = embedding_network(dim=recipe.dim)
    plain.set_weights(model.get_weights())
    return plain
