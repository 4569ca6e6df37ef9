"""Draws boxes with a line of text on a photograph: what was found where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image as Pillow
from PIL import ImageDraw

from identity.core.errors import UsageError
from identity.core.types import Box, Image
from identity.pictures import labels
from identity.pictures.lettering import Lettering, lines

WRITABLE = (".jpg", ".jpeg", ".png", ".webp")
SHORTEST_PX = 480  # smaller photographs are enlarged, so that the text can be read
PAPER = (255, 255, 255)
CROWD = 12  # faces, from which texts are written smaller


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
    size_px = max(10 if len(marks) > CROWD else 14, min(picture.size) // (60 if len(marks) > CROWD else 32))
    for mark in marks:
        _draw_box(canvas, mark, zoom=zoom, width_px=max(2, size_px // 7))
    texts = lines([mark.text for mark in marks], size_px=size_px)
    _draw_texts(canvas, marks, texts, zoom=zoom, within=picture.size)
    try:
        picture.save(path, quality=92)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}; choose another file") from error


def _corners(box: Box, zoom: float) -> tuple[int, int, int, int]:
    x1, y1, x2, y2 = (round(edge * zoom) for edge in box.as_list())
    return x1, y1, x2 - 1, y2 - 1


def _draw_box(canvas: ImageDraw.ImageDraw, mark: Marked, *, zoom: float, width_px: int) -> None:
    canvas.rectangle(_corners(mark.box, zoom), outline=mark.colour, width=width_px)


def _draw_texts(
    canvas: ImageDraw.ImageDraw,
    marks: Sequence[Marked],
    texts: Sequence[Lettering],
    *,
    zoom: float,
    within: tuple[int, int],
) -> None:
    """Texts come last, so that no box crosses them; none covers another where the picture has room."""
    extents = [line.extent(canvas) for line in texts]
    pads = [max(2, round((bottom - top) / 4)) for _, top, _, bottom in extents]
    sizes = [
        (right - left + 2 * pad + 1, bottom - top + 2 * pad + 1)
        for (left, top, right, bottom), pad in zip(extents, pads, strict=True)
    ]
    found = labels.places([_corners(mark.box, zoom) for mark in marks], sizes, within=within)
    for mark, place in zip(marks, found, strict=True):
        _lead(canvas, mark, place, _corners(mark.box, zoom))
    for mark, line, (left, top, _, _), pad, place in zip(marks, texts, extents, pads, found, strict=True):
        x, y, right, bottom = place
        canvas.rectangle((x, y, right - 1, bottom - 1), fill=mark.colour)
        line.draw(canvas, (x + pad - left, y + pad - top), fill=PAPER)


def _lead(canvas: ImageDraw.ImageDraw, mark: Marked, place: labels.Place, box: labels.Place) -> None:
    """A line from a text to its box, where the text does not touch it."""
    nearest = [max(low, min((x1 + x2) // 2, high)) for x1, x2, low, high in _sides(place, box)]
    back = [max(low, min(at, high)) for (low, high, _, _), at in zip(_sides(place, box), nearest, strict=True)]
    if max(abs(a - b) for a, b in zip(nearest, back, strict=True)) > 2:
        canvas.line((*back, *nearest), fill=mark.colour, width=2)


def _sides(place: labels.Place, box: labels.Place) -> list[tuple[int, int, int, int]]:
    """Of a text and of its box, where they begin and end: across, then down."""
    return [(place[side], place[side + 2], box[side], box[side + 2]) for side in (0, 1)]
