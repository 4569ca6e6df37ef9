"""The embedding network: a small convolutional net whose last layer is a direction on the unit sphere, no softmax."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import keras
import tensorflow as tf
from keras import layers

SIZE_PX = 28
MOMENTUM = 0.99
EPSILON = 1e-3
SETTLING_ROUNDS = 300  # after which MOMENTUM has forgotten 95 % of what was there before


def embedding_network(*, dim: int, dtype: str = "float32") -> Any:
    """28x28x1 floats in 0..1 to (dim,) floats of unit length; about 344,000 parameters for 64 dimensions.

    `dtype` may be "mixed_bfloat16": weights stay float32, and so does the output.
    """
    image = keras.Input((SIZE_PX, SIZE_PX, 1), name="image")
    x = image
    for stage, filters in enumerate((32, 64)):
        for place in range(2):
            x = _convolution(x, filters, dtype=dtype, name=f"conv{stage}{place}")
        x = layers.MaxPooling2D(name=f"pool{stage}", dtype=dtype)(x)
    x = _convolution(x, 128, dtype=dtype, name="conv2", padding="valid")
    x = layers.Flatten(name="flat", dtype=dtype)(x)
    x = layers.Dense(dim, dtype="float32", name="embedding")(x)
    return keras.Model(image, layers.UnitNormalization(dtype="float32", name="unit")(x), name="embedding_network")


def _convolution(x: Any, filters: int, *, dtype: str, name: str, padding: str = "same") -> Any:
    x = layers.Conv2D(filters, 3, padding=padding, use_bias=False, dtype=dtype, name=name)(x)
    x = FusedNormalization(dtype=dtype, name=f"{name}_norm")(x)
    return layers.ReLU(dtype=dtype, name=f"{name}_relu")(x)


class FusedNormalization(layers.Layer):  # type: ignore[misc]
    """Batch normalisation over channels as one TensorFlow kernel: with Keras's own a step takes 1.6 times as long."""

    def build(self, shape: Any) -> None:
        """Scale and offset, trained; running mean and variance, not."""
        channels = (shape[-1],)
        self.scale = self._vector("scale", channels, "ones", trainable=True)
        self.offset = self._vector("offset", channels, "zeros", trainable=True)
        self.mean = self._vector("mean", channels, "zeros", trainable=False)
        self.variance = self._vector("variance", channels, "ones", trainable=False)

    def _vector(self, name: str, shape: tuple[int, ...], initial: str, *, trainable: bool) -> Any:
        return self.add_weight(
            name=name, shape=shape, initializer=initial, trainable=trainable, dtype="float32", autocast=False
        )

    def call(self, x: Any, *, training: bool = False) -> Any:
        """Normalise (n, h, w, c), by the batch's statistics while training, by the running ones otherwise."""
        scale, offset = tf.convert_to_tensor(self.scale), tf.convert_to_tensor(self.offset)
        if not training:
            mean, variance = tf.convert_to_tensor(self.mean), tf.convert_to_tensor(self.variance)
            return tf.raw_ops.FusedBatchNormV3(
                x=x, scale=scale, offset=offset, mean=mean, variance=variance, epsilon=EPSILON, is_training=False
            ).y
        none = tf.zeros(0)
        result = tf.raw_ops.FusedBatchNormV3(
            x=x, scale=scale, offset=offset, mean=none, variance=none, epsilon=EPSILON, is_training=True
        )
        self.mean.assign(MOMENTUM * self.mean + (1 - MOMENTUM) * result.batch_mean)
        self.variance.assign(MOMENTUM * self.variance + (1 - MOMENTUM) * result.batch_variance)
        return result.y


def settle_normalisation(model: Any, views: Iterator[Any]) -> None:
    """Take the running statistics anew from `views`, batches (n, 28, 28, 1), with the weights as they are now.

    Those left by training belong to other weights: to older ones, and after a short training to none at all.
    """
    look = tf.function(lambda images: model(images, training=True))
    for images in islice(views, SETTLING_ROUNDS):
        look(images)


def scale_pixels(images: Any) -> Any:
    """uint8 images (n, 28, 28) as the network's input (n, 28, 28, 1), 0..1."""
    return images.astype("float32")[..., None] / 255.0
