"""Light changes of a batch that a hand or a pen makes without making another character: affine, and stroke width."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

TURN_RAD = 0.17
SHEAR = 0.2
SCALE = 0.12
SHIFT_PX = 1.8
CENTRE_PX = 13.5
WIDTH = 0.7  # share of a one-pixel dilation or erosion


def vary_handwriting(images: Any, *, seed: Any) -> Any:
    """The batch (n, 28, 28, 1) of floats 0..1 as other hands and pens might have made it; `seed` is (2,) int32."""
    return stroke_width(affine(images, seed=seed), seed=seed + 1)


def affine(images: Any, *, seed: Any) -> Any:
    """Turn, shear, scale and shift each image by its own small amounts."""
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


def stroke_width(images: Any, *, seed: Any) -> Any:
    """Widen or thin the strokes of each image: a blend with its grey dilation or its grey erosion, 3 x 3."""
    amount = tf.random.stateless_uniform((tf.shape(images)[0], 1, 1, 1), seed, -WIDTH, WIDTH)
    wide = tf.nn.max_pool2d(images, 3, 1, "SAME")
    thin = -tf.nn.max_pool2d(-images, 3, 1, "SAME")
    return images + tf.nn.relu(amount) * (wide - images) + tf.nn.relu(-amount) * (thin - images)
