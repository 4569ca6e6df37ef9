"""Draws boxes with a line of text on a photograph: what was found where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from identity.core.errors import UsageError
from identity.core.types import Box, Image

WRITABLE = (".jpg", ".jpeg", ".png", ".webp")
SHORTEST_PX = 480  # smaller photographs are enlarged, so that the text can be read
PAPER = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Marked:
    """A box, what to write on it, and in which colour (red, green, blue)."""

    box: Box
    text: str
    colour: tuple[int, int, int]


def check_path(path: Path) -> None:
    """Refuse, before anything slow, a file that cannot be drawn. Raises `UsageError`."""
    if path.suffix.lower() not in WRITABLE:
        raise UsageError(f"cannot draw {path.name}: end the file's name in {', '.join(WRITABLE)}")
    if not path.parent.is_dir():
        raise UsageError(f"no folder {path.parent} to draw into: create it, or choose another file")


def draw(image: Image, marks: Sequence[Marked], *, path: Path) -> None:
    """Write the image (h, w[, 3]) with its marks. Raises `UsageError` where the file cannot be written."""
    check_path(path)
    zoom = max(1.0, SHORTEST_PX / min(image.shape[:2]))
    picture = Pillow.fromarray(image).convert("RGB")
    if zoom > 1:
        picture = picture.resize((round(picture.width * zoom), round(picture.height * zoom)))
    canvas = ImageDraw.Draw(picture)
    size_px = max(14, min(picture.size) // 32)
    font = ImageFont.load_default(size_px)
    for mark in marks:
        _draw_box(canvas, mark, zoom=zoom, width_px=max(2, size_px // 7))
    for mark in marks:  # texts last, so that no box crosses them
        _draw_text(canvas, mark, font, zoom=zoom, within=picture.size)
    try:
        picture.save(path, quality=92)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}; choose another file") from error


def _corners(box: Box, zoom: float) -> tuple[int, int, int, int]:
    x1, y1, x2, y2 = (round(edge * zoom) for edge in box.as_list())
    return x1, y1, x2 - 1, y2 - 1


def _draw_box(canvas: ImageDraw.ImageDraw, mark: Marked, *, zoom: float, width_px: int) -> None:
    canvas.rectangle(_corners(mark.box, zoom), outline=mark.colour, width=width_px)


def _draw_text(
    canvas: ImageDraw.ImageDraw,
    mark: Marked,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    *,
    zoom: float,
    within: tuple[int, int],
) -> None:
    x1, y1, _, y2 = _corners(mark.box, zoom)
    left, top, right, bottom = canvas.textbbox((0, 0), mark.text, font=font)
    pad = max(2, round((bottom - top) / 4))
    width, height = round(right - left) + 2 * pad, round(bottom - top) + 2 * pad
    x = int(np.clip(x1, 0, max(0, within[0] - width)))
    y = y1 - height if y1 >= height else min(y2 + 1, within[1] - height)
    canvas.rectangle((x, y, x + width, y + height), fill=mark.colour)
    canvas.text((x + pad - left, y + pad - top), mark.text, font=font, fill=PAPER)
