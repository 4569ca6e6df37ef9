"""The embedding network: a small convolutional net whose last layer is a direction on the unit sphere, no softmax."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

SIZE_PX = 28


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
    x = layers.BatchNormalization(dtype=dtype, name=f"{name}_norm")(x)
    return layers.ReLU(dtype=dtype, name=f"{name}_relu")(x)


def scaled(images: Any) -> Any:
    """uint8 images (n, 28, 28) as the network's input (n, 28, 28, 1), 0..1."""
    return images.astype("float32")[..., None] / 255.0
