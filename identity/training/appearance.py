"""What a character looks like beside what it means: a linear picture of where its ink lies, joined to the embedding.

A triplet loss teaches a network to throw away what tells an A from a 4. The appearance keeps it: the blurred image
on its principal axes (Pearson 1901), of unit length, so that its cosine distance is that of the blurred images.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from identity.training.network import scale_pixels

BATCH_IMAGES = 2048


@dataclass(frozen=True, slots=True)
class Appearance:
    """How much of it there is: chosen on digit classes held out of training, never on letters."""

    dim: int = 64
    sigma_px: float = 2.0  # of the Gaussian blur: differences of hand and pen below it do not count
    weight: float = 1.0  # of its cosine distance, where that of the embedding counts 1


def with_appearance(model: Any, images: NDArray[np.uint8], *, appearance: Appearance) -> Any:
    """The model with its output (n, d) followed by the appearance (n, dim), together of unit length.

    `images` (m, 28, 28) give the principal axes; the network itself stays as it was trained.
    """
    blurred = keras.Model(model.input, _blur(model.input, appearance.sigma_px))
    axes = principal_axes(blurred, images, dim=appearance.dim)
    project = layers.Dense(appearance.dim, use_bias=False, trainable=False, name="axes")
    picture = layers.UnitNormalization(name="appearance")(project(blurred.output))
    project.set_weights([axes])
    weighted = layers.Rescaling(appearance.weight**0.5, name="weighted")(picture)
    both = layers.Concatenate(name="both")([model.output, weighted])
    return keras.Model(model.input, layers.UnitNormalization(name="vector")(both), name="embedding_with_appearance")


def principal_axes(blurred: Any, images: NDArray[np.uint8], *, dim: int) -> NDArray[np.float32]:
    """The axes (pixels, dim) that carry most of the blurred images' energy, through the origin, strongest first."""
    energy: Any = 0.0
    for start in range(0, len(images), BATCH_IMAGES):
        seen = np.asarray(blurred(scale_pixels(images[start : start + BATCH_IMAGES])), np.float64)
        energy = energy + seen.T @ seen
    _, axes = np.linalg.eigh(energy)
    return np.asarray(axes[:, ::-1][:, :dim], np.float32)


def _blur(image: Any, sigma_px: float) -> Any:
    """The image (n, 28, 28, 1) blurred, as one row of unit length (n, 784)."""
    weights = gaussian(sigma_px)
    for name, shape in (("blur_down", (len(weights), 1)), ("blur_across", (1, len(weights)))):
        blur = layers.Conv2D(1, shape, padding="same", use_bias=False, trainable=False, name=name)
        image = blur(image)
        blur.set_weights([weights.reshape(*shape, 1, 1)])
    return layers.UnitNormalization(name="unit_ink")(layers.Flatten(name="pixels")(image))


def gaussian(sigma_px: float) -> NDArray[np.float32]:
    """Weights of a Gaussian out to four deviations, of sum 1."""
    reach = ceil(4 * sigma_px)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma_px) ** 2)
    return np.asarray(weights / weights.sum(), np.float32)
