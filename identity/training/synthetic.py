"""Strangers made from digits or from nothing: what the network learns to keep away from every class.

Two kinds: characters of their own that come in many examples (turned digits, glyphs), and loners that resemble
nothing (halves of two digits, digits written over, textures).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Images = NDArray[np.uint8]  # (n, 28, 28), light on dark
Rows = NDArray[np.int64]
Turn = Callable[[Images], Images]
SIZE_PX = 28

MIRROR, UPSET, HALF_TURN, LEFT, RIGHT, TRANSPOSE, ANTITRANSPOSE = range(7)
TURNS: tuple[Turn, ...] = (
    lambda images: images[:, :, ::-1],
    lambda images: images[:, ::-1],
    lambda images: images[:, ::-1, ::-1],
    lambda images: np.rot90(images, 1, axes=(1, 2)),
    lambda images: np.rot90(images, -1, axes=(1, 2)),
    lambda images: images.transpose(0, 2, 1),
    lambda images: images[:, ::-1, ::-1].transpose(0, 2, 1),
)
NO_DIGITS_THEN: dict[int, tuple[int, ...]] = {  # which turns make a class into something that is no digit
    1: (LEFT,),
    2: (LEFT,),
    3: (MIRROR, LEFT, RIGHT),
    4: (MIRROR, UPSET, HALF_TURN, LEFT, RIGHT, TRANSPOSE, ANTITRANSPOSE),
    5: (LEFT,),
    7: (MIRROR, UPSET, HALF_TURN, LEFT, RIGHT, TRANSPOSE, ANTITRANSPOSE),
    8: (LEFT,),
    9: (MIRROR, UPSET, LEFT, RIGHT, TRANSPOSE, ANTITRANSPOSE),
}


def turned_digits(digits: Images, *, turn: int) -> Images:
    """Digits mirrored, upside down or on their side."""
    return TURNS[turn](digits)


def half_swaps(digits: Images, labels: NDArray[np.integer], *, count: int, rng: np.random.Generator) -> Images:
    """One half of a digit beside, or above, the other half of a digit of another class."""
    one, other = _unlike_pairs(labels, count, rng)
    made = digits[one].copy()
    upper = rng.random(count) < 0.5
    made[upper, SIZE_PX // 2 :] = digits[other[upper], SIZE_PX // 2 :]
    made[~upper, :, SIZE_PX // 2 :] = digits[other[~upper], :, SIZE_PX // 2 :]
    return made


def overlays(digits: Images, *, count: int, rng: np.random.Generator) -> Images:
    """Two digits written over each other, one of them turned on its side."""
    one, other = rng.integers(0, len(digits), (2, count))
    return np.asarray(np.maximum(digits[one], TURNS[LEFT](digits[other])))


def crossed_digits(digits: Images, glyphs: Images, *, count: int, rng: np.random.Generator) -> Images:
    """A digit with a glyph written over it."""
    below, above = rng.integers(0, len(digits), count), rng.integers(0, len(glyphs), count)
    return np.asarray(np.maximum(digits[below], glyphs[above]))


def _unlike_pairs(labels: NDArray[np.integer], count: int, rng: np.random.Generator) -> tuple[Rows, Rows]:
    one, other = rng.integers(0, len(labels), (2, count))
    for place in np.flatnonzero(labels[one] == labels[other]):
        other[place] = rng.choice(np.flatnonzero(labels != labels[one[place]]))
    return one, other


def textures(count: int, *, rng: np.random.Generator) -> Images:
    """Noise of several grains, stripes, bars, and flat grey."""
    makers = (_noise, _smooth_noise, _stripes, _flat_image)
    return np.stack([makers[place % len(makers)](rng) for place in range(count)])


def _noise(rng: np.random.Generator) -> NDArray[np.uint8]:
    noise = rng.integers(0, int(rng.integers(32, 257)), (SIZE_PX, SIZE_PX))
    return np.asarray(noise * (rng.random(noise.shape) < rng.uniform(0.1, 1.0)), np.uint8)


def _smooth_noise(rng: np.random.Generator) -> NDArray[np.uint8]:
    smooth = gaussian_filter(rng.normal(size=(SIZE_PX, SIZE_PX)), rng.uniform(0.7, 3.0))
    low, high = np.quantile(smooth, [rng.uniform(0.2, 0.8), 1.0])
    return np.asarray(np.clip((smooth - low) / (high - low), 0, 1) * 255, np.uint8)


def _stripes(rng: np.random.Generator) -> NDArray[np.uint8]:
    angle, period, phase = rng.uniform(0, np.pi), rng.uniform(2, 28), rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[:SIZE_PX, :SIZE_PX]
    wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / period + phase)
    lit = wave > rng.uniform(-0.9, 0.9) if rng.random() < 0.5 else (wave + 1) / 2
    return np.asarray(lit * rng.integers(60, 256), np.uint8)


def _flat_image(rng: np.random.Generator) -> NDArray[np.uint8]:
    flat = np.full((SIZE_PX, SIZE_PX), rng.integers(0, 256), np.uint8)
    if rng.random() < 0.5:
        top, left = rng.integers(0, 20, 2)
        flat[top : top + rng.integers(4, 28), left : left + rng.integers(4, 28)] = rng.integers(0, 256)
    return flat
