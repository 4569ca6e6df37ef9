"""Recipe `triplet`, the one that ships: P x K batches of digits and drawn strangers, mined ever harder.

Weights are averaged over the later steps (exponential moving average), which is what is exported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import cos, pi
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from identity.training.appearance import Appearance, with_appearance
from identity.training.augment import vary_handwriting
from identity.training.batches import Batches, Mixture
from identity.training.mining import hard_triplet_loss
from identity.training.network import embedding_network, settle_normalisation

Step = Callable[[int, int, float], None]


@dataclass(frozen=True, slots=True)
class TripletRecipe:
    """Everything the recipe can be told."""

    dim: int = 64
    epochs: int = 12
    mixture: Mixture = field(default_factory=Mixture)
    margin: float = 0.8
    warm_up: float = 0.3  # share of the steps in which the temperature falls
    temperature: tuple[float, float] = (0.5, 0.15)
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    averaging: float = 0.08  # share of the steps over which the weights are averaged
    appearance: Appearance = field(default_factory=Appearance)


def fit(
    images: NDArray[np.uint8], labels: NDArray[np.integer], *, recipe: TripletRecipe, seed: int, on_step: Step
) -> Any:
    """A trained Keras model in float32, 28x28x1 floats in 0..1 to unit vectors: the embedding, then the appearance."""
    embedding = fit_embedding(images, labels, recipe=recipe, seed=seed, on_step=on_step)
    return with_appearance(embedding, images, appearance=recipe.appearance)


def fit_embedding(
    images: NDArray[np.uint8], labels: NDArray[np.integer], *, recipe: TripletRecipe, seed: int, on_step: Step
) -> Any:
    """What the triplet loss trains: the model whose output is the embedding alone."""
    keras.utils.set_random_seed(seed)
    batches = Batches(images, labels, mixture=recipe.mixture, rng=np.random.default_rng(seed))
    model = embedding_network(dim=recipe.dim, dtype="mixed_bfloat16")
    total = recipe.epochs * batches.per_epoch
    optimizer = _optimizer(recipe, total)
    optimizer.build(model.trainable_variables)
    step = _step_function(model, optimizer, margin=recipe.margin)
    for done in range(total):
        loss = step(*_tensors(batches), temperature_at(recipe, done / total), tf.constant([seed, done], tf.int32))
        on_step(done + 1, total, float(loss))
    optimizer.finalize_variable_values(model.trainable_variables)
    settle_normalisation(model, _views(batches, seed=seed))
    plain = embedding_network(dim=recipe.dim)
    plain.set_weights(model.get_weights())
    return plain


def temperature_at(recipe: TripletRecipe, progress: float) -> Any:
    """From the first temperature to the last along half a cosine over the warm-up's share of the steps."""
    first, last = recipe.temperature
    falling = min(1.0, progress / recipe.warm_up)
    return tf.constant(last + (first - last) * (1 + cos(pi * falling)) / 2, tf.float32)


def _optimizer(recipe: TripletRecipe, total: int) -> Any:
    schedule = keras.optimizers.schedules.CosineDecay(
        1e-5, total, alpha=0.005, warmup_target=recipe.learning_rate, warmup_steps=min(200, total // 10 + 1)
    )
    momentum = 1 - 1 / max(1.0, recipe.averaging * total)
    return keras.optimizers.AdamW(
        schedule, weight_decay=recipe.weight_decay, global_clipnorm=1.0, use_ema=True, ema_momentum=momentum
    )


def _tensors(batches: Batches) -> tuple[Any, Any]:
    images, labels = batches.draw()
    return tf.constant(images[..., None]), tf.constant(labels)


def _step_function(model: Any, optimizer: Any, *, margin: float) -> Any:
    @tf.function  # type: ignore[untyped-decorator]
    def step(images: Any, labels: Any, temperature: Any, seed: Any) -> Any:
        shown = vary_handwriting(tf.cast(images, tf.float32) / 255.0, seed=seed)
        with tf.GradientTape() as tape:
            loss = hard_triplet_loss(model(shown, training=True), labels, margin=margin, temperature=temperature)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    return step


def _views(batches: Batches, *, seed: int) -> Iterator[Any]:
    """Batches as the network sees them in training, without end."""
    place = 0
    while True:
        yield vary_handwriting(tf.cast(_tensors(batches)[0], tf.float32) / 255.0, seed=tf.constant([seed, -place - 1]))
        place += 1
