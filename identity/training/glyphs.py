"""Images that are no digits but look as if they could be: what the network learns to keep away from every class.

Drawn or assembled, never taken from letters: letters are what the result is judged by.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import center_of_mass, gaussian_filter, shift

Images = NDArray[np.uint8]  # (n, 28, 28), light on dark
SIZE_PX = 28
FINE = 4  # glyphs are drawn so many times larger, then scaled down
INK_PX = 20
MIRRORED = (2, 3, 4, 5, 6, 7, 9)  # mirrored these are no digits
QUARTER_TURNED = (2, 3, 4, 5, 6, 7, 9)
UPSIDE_DOWN = (3, 4, 7)


def negatives(digits: Images, labels: NDArray[np.integer], *, count: int, rng: np.random.Generator) -> Images:
    """Synthetic strangers (count, 28, 28) in the proportions the recipe wants, shuffled."""
    makers = (
        (0.40, lambda n: bezier_glyphs(n, rng=rng)),
        (0.20, lambda n: turned_digits(digits, labels, count=n, rng=rng)),
        (0.15, lambda n: half_swaps(digits, labels, count=n, rng=rng)),
        (0.10, lambda n: overlays(digits, count=n, rng=rng)),
        (0.15, lambda n: textures(n, rng=rng)),
    )
    made = [make(max(1, round(share * count))) for share, make in makers]
    together = np.concatenate(made)
    return together[rng.permutation(len(together))[:count]]


def bezier_glyphs(count: int, *, rng: np.random.Generator) -> Images:
    """One to four strokes, each a quadratic or cubic Bezier curve, framed as MNIST frames its digits."""
    return np.stack([_framed(_strokes(rng)) for _ in range(count)])


def _strokes(rng: np.random.Generator) -> NDArray[np.uint8]:
    side = SIZE_PX * FINE
    canvas = Image.new("L", (side, side))
    pen = ImageDraw.Draw(canvas)
    width = int(rng.integers(5, 15))
    joint = rng.uniform(0.15, 0.85, 2)
    for _ in range(int(rng.choice([1, 2, 3, 4], p=[0.2, 0.35, 0.3, 0.15]))):
        points = rng.uniform(0.1, 0.9, (int(rng.integers(2, 5)), 2))
        if rng.random() < 0.6:
            points[0] = joint
        curve = _bezier(points) * side
        pen.line([tuple(point) for point in curve], fill=255, width=width, joint="curve")
        for x, y in (curve[0], curve[-1]):
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
        joint = _bezier(points)[int(rng.integers(0, 25))]
    return np.asarray(canvas)


def _bezier(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """25 points of a Bezier curve, by De Casteljau's construction."""
    t = np.linspace(0, 1, 25)[:, None, None]
    level = np.broadcast_to(points, (25, *points.shape))
    while level.shape[1] > 1:
        level = (1 - t) * level[:, :-1] + t * level[:, 1:]
    return level[:, 0]


def _framed(drawn: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    ink = Image.fromarray(drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    scale = INK_PX / max(ink.size)
    small = ink.resize((max(1, round(ink.width * scale)), max(1, round(ink.height * scale))), Image.Resampling.BOX)
    framed = np.zeros((SIZE_PX, SIZE_PX), np.float32)
    top, left = (SIZE_PX - small.height) // 2, (SIZE_PX - small.width) // 2
    framed[top : top + small.height, left : left + small.width] = np.asarray(small)
    middle = (SIZE_PX - 1) / 2 - np.array(center_of_mass(framed))
    return shift(framed, np.round(middle), order=0).astype(np.uint8)


def turned_digits(digits: Images, labels: NDArray[np.integer], *, count: int, rng: np.random.Generator) -> Images:
    """Digits mirrored, on their side or upside down, of those classes that are no digit then."""
    turns = ((MIRRORED, np.fliplr), (QUARTER_TURNED, np.rot90), (QUARTER_TURNED, _back), (UPSIDE_DOWN, np.flipud))
    made = []
    for classes, turn in turns:
        rows = rng.choice(np.flatnonzero(np.isin(labels, classes)), -(-count // len(turns)))
        made += [turn(digits[row]) for row in rows]
    return np.stack(made)[:count]


def _back(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.rot90(image, -1)


def half_swaps(digits: Images, labels: NDArray[np.integer], *, count: int, rng: np.random.Generator) -> Images:
    """One half of a digit beside, or above, the other half of a digit of another class."""
    one = rng.integers(0, len(digits), count)
    other = rng.integers(0, len(digits), count)
    clash = np.flatnonzero(labels[one] == labels[other])
    other[clash] = [rng.choice(np.flatnonzero(labels != labels[one[place]])) for place in clash]
    made = digits[one].copy()
    upper = rng.random(count) < 0.5
    made[upper, SIZE_PX // 2 :] = digits[other[upper], SIZE_PX // 2 :]
    made[~upper, :, SIZE_PX // 2 :] = digits[other[~upper], :, SIZE_PX // 2 :]
    return made


def overlays(digits: Images, *, count: int, rng: np.random.Generator) -> Images:
    """Two digits written over each other, one of them turned on its side."""
    one, other = rng.integers(0, len(digits), (2, count))
    return np.maximum(digits[one], np.rot90(digits[other], axes=(1, 2)))


def textures(count: int, *, rng: np.random.Generator) -> Images:
    """Noise of several grains, stripes, bars, and flat grey."""
    makers = (_noise, _smooth_noise, _stripes, _flat)
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


def _flat(rng: np.random.Generator) -> NDArray[np.uint8]:
    flat = np.full((SIZE_PX, SIZE_PX), rng.integers(0, 256), np.uint8)
    if rng.random() < 0.5:
        top, left = rng.integers(0, 20, 2)
        flat[top : top + rng.integers(4, 28), left : left + rng.integers(4, 28)] = rng.integers(0, 256)
    return flat
