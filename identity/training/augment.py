"""Light affine changes of a batch: what a hand does to a digit without making it another one."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

TURN_RAD = 0.17
SHEAR = 0.18
SCALE = 0.12
SHIFT_PX = 1.8
CENTRE_PX = 13.5


def affine(images: Any, *, seed: Any) -> Any:
    """Turn, shear, scale and shift each of (n, 28, 28, 1) floats by its own small amounts; `seed` is (2,) int32."""
    n = tf.shape(images)[0]
    draws = tf.random.stateless_uniform((n, 6), seed, -1.0, 1.0)
    angle, shear = TURN_RAD * draws[:, 0], SHEAR * draws[:, 1]
    width, height = 1 + SCALE * draws[:, 2], 1 + SCALE * draws[:, 3]
    a, b = width * tf.cos(angle), width * (shear * tf.cos(angle) - tf.sin(angle))
    c, d = height * tf.sin(angle), height * (shear * tf.sin(angle) + tf.cos(angle))
    x = CENTRE_PX * (1 - a - b) + SHIFT_PX * draws[:, 4]
    y = CENTRE_PX * (1 - c - d) + SHIFT_PX * draws[:, 5]
    nothing = tf.zeros_like(a)
    transforms = tf.stack([a, b, x, c, d, y, nothing, nothing], axis=1)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images, transforms=transforms, output_shape=tf.shape(images)[1:3], fill_value=0.0,
        interpolation="BILINEAR", fill_mode="CONSTANT",
    )  # fmt: skip
