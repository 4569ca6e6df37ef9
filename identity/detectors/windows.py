"""Which parts of an image a detector looks at, and how large: any image becomes a few views of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image as Pictures

from identity.core.types import Box, Image

OVERLAP_PX = 96  # of neighbouring views, as seen by the network: more than the largest face a closer look is for
MOST_VIEWS_PER_SIDE = 48


@dataclass(frozen=True, slots=True)
class View:
    """A part of an image, resized: what the network sees is `width_px` x `height_px`."""

    box: Box
    width_px: int
    height_px: int

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels of the view per pixel of the image, across and down."""
        return self.width_px / (self.box.x2 - self.box.x1), self.height_px / (self.box.y2 - self.box.y1)

    def render(self, image: Image) -> Image:
        """The view's pixels (height_px, width_px, 3) RGB, averaged where it shrinks."""
        cut = image[self.box.y1 : self.box.y2, self.box.x1 : self.box.x2]
        if cut.shape[:2] != (self.height_px, self.width_px):
            picture = Pictures.fromarray(np.ascontiguousarray(cut))
            size = (self.width_px, self.height_px)
            cut = np.asarray(picture.resize(size, Pictures.Resampling.BILINEAR, reducing_gap=2.0))
        return cut if cut.ndim == 3 else np.repeat(cut[:, :, None], 3, axis=2)


def overview(width: int, height: int, *, side_px: int) -> list[View]:
    """The whole image in views of at most `side_px`, never enlarged: one view, or a row of them for a panorama."""
    return _tiles(width, height, scale=_overview_scale(width, height, side_px), side_px=side_px)


def closer_views(width: int, height: int, *, side_px: int, zoom: float, largest: float) -> list[View]:
    """The whole image again, `zoom` times larger than in the overview but at most `largest` times its own size."""
    first = _overview_scale(width, height, side_px)
    scale = min(first * zoom, max(largest, first))
    return _tiles(width, height, scale=scale, side_px=side_px)


def _overview_scale(width: int, height: int, side_px: int) -> float:
    long, short = max(width, height), min(width, height)
    return min(1.0, side_px / min(long, 2 * short))


def _tiles(width: int, height: int, *, scale: float, side_px: int) -> list[View]:
    bounded = min(scale, MOST_VIEWS_PER_SIDE * (side_px - OVERLAP_PX) / max(width, height))
    rows, columns = list(_spans(height, bounded, side_px)), list(_spans(width, bounded, side_px))
    return [View(Box(x1, y1, x2, y2), across, down) for y1, y2, down in rows for x1, x2, across in columns]


def _spans(length: int, scale: float, side_px: int) -> Iterator[tuple[int, int, int]]:
    """First pixel, last pixel (excluded) and size as seen, of overlapping equal pieces that cover `length`."""
    seen_px = max(1, round(length * scale))
    if seen_px <= side_px:
        yield 0, length, seen_px
        return
    pieces = -(-(seen_px - OVERLAP_PX) // (side_px - OVERLAP_PX))
    piece = min(length, round(side_px / scale))
    for index in range(pieces):
        start = round(index * (length - piece) / (pieces - 1))
        yield start, start + piece, side_px
