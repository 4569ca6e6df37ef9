"""Characters that nobody writes: random strokes, each glyph in several hands, framed as MNIST frames its digits.

Drawn, never taken from letters: letters are what the result is judged by.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Images = NDArray[np.uint8]  # (n, 28, 28), light on dark
Points = NDArray[np.float64]  # (m, 2), x and y, 0..1
SIZE_PX = 28
FINE = 4  # glyphs are drawn so many times larger, then scaled down
INK_PX = 20
BOLD = 0.2  # share of glyphs as thick as print, some filling the whole image
STEPS = np.linspace(0, 1, 20)[:, None, None]


def glyph_families(count: int, *, hands: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """(count, hands, 28, 28): `count` different glyphs, each drawn `hands` times as different hands would."""
    return np.stack([_family(hands, rng) for _ in range(count)])


def _family(hands: int, rng: np.random.Generator) -> Images:
    strokes, bold = _stroke_plan(rng), rng.random() < BOLD
    widths, frame_px = ((4.0, 9.0), rng.uniform(INK_PX, SIZE_PX)) if bold else ((1.5, 4.0), INK_PX)
    return np.stack([
        _draw_ink(_jitter(strokes, rng), width_px=rng.uniform(*widths), frame_px=frame_px) for _ in range(hands)
    ])


def _stroke_plan(rng: np.random.Generator) -> list[Points]:
    """Control points of the strokes of a new glyph: free curves, or straighter ones on a coarse grid."""
    strokes: list[Points] = []
    count = int(rng.choice([1, 2, 3, 4], p=[0.2, 0.35, 0.3, 0.15]))
    on_grid = rng.random() < 0.35
    for _ in range(count):
        curved = count == 1 or rng.random() < (0.3 if on_grid else 0.75)  # a lone straight stroke would be a 1
        points = rng.uniform(0.1, 0.9, (int(rng.integers(3, 6)) if curved else 2, 2))
        if on_grid:
            points = np.round(points * 2.5) / 2.5
        if strokes and rng.random() < 0.65:
            points[0] = _on(strokes[int(rng.integers(len(strokes)))], rng)
        strokes.append(points)
    return strokes


def _on(stroke: Points, rng: np.random.Generator) -> Points:
    """A point where another stroke may begin: an end, or anywhere along."""
    curve = bezier(stroke)
    place = rng.choice([0, -1, int(rng.integers(len(curve)))])
    return np.asarray(curve[place])


def _jitter(strokes: Sequence[Points], rng: np.random.Generator) -> list[Points]:
    return [points + rng.normal(0, 0.03, points.shape) for points in strokes]


def bezier(points: Points) -> Points:
    """Points along the Bezier curve of control points (m, 2), by De Casteljau's construction."""
    level = np.broadcast_to(points, (len(STEPS), *points.shape))
    while level.shape[1] > 1:
        level = (1 - STEPS) * level[:, :-1] + STEPS * level[:, 1:]
    return np.asarray(level[:, 0])


def _draw_ink(strokes: Sequence[Points], *, width_px: float, frame_px: float) -> NDArray[np.uint8]:
    """Ink scaled to `frame_px` (20 in MNIST) and centred by mass in 28 x 28; strokes `width_px` wide."""
    curves = [bezier(points) for points in strokes]
    everything = np.concatenate(curves)
    low, span = everything.min(axis=0), float(np.ptp(everything, axis=0).max()) + 1e-6
    scale = (frame_px - width_px) / span
    pen_px = width_px * FINE
    canvas = Image.new("L", (SIZE_PX * FINE, SIZE_PX * FINE))
    pen = ImageDraw.Draw(canvas)
    placed = [(curve - low) * scale for curve in curves]
    middle = np.concatenate(placed).mean(axis=0)
    for curve in placed:
        path = (curve - middle + SIZE_PX / 2) * FINE
        pen.line([tuple(point) for point in path], fill=255, width=round(pen_px), joint="curve")
        for x, y in (path[0], path[-1]):
            pen.ellipse((x - pen_px / 2, y - pen_px / 2, x + pen_px / 2, y + pen_px / 2), fill=255)
    return np.asarray(canvas.reduce(FINE))
