"""Stored crops in the sizes that a page shows: one by itself, or many side by side in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from PIL import Image as Pillow

COLUMNS = 10  # of a sheet
QUALITY = 85
PAPER = (128, 128, 128)  # where there is no crop
JPEG, PNG = "image/jpeg", "image/png"


def thumbnail(encoded: bytes, *, size_px: int) -> tuple[bytes, str]:
    """A crop with its longest side of at most so many pixels, and its media type; never enlarged."""
    picture = Pillow.open(BytesIO(encoded))
    media = PNG if picture.format == "PNG" else JPEG
    if max(picture.size) <= size_px:
        return encoded, media
    picture.thumbnail((size_px, size_px))
    return _saved(picture, media), media


def sheet(crops: Sequence[bytes | None], *, size_px: int) -> bytes:
    """Crops in cells of `size_px`, ten in a row, in order, as one JPEG; a cell without a crop is grey."""
    rows = -(-len(crops) // COLUMNS)
    made = Pillow.new("RGB", (min(len(crops), COLUMNS) * size_px, rows * size_px), PAPER)
    for place, encoded in enumerate(crops):
        if encoded is not None:
            picture = _fitted(encoded, size_px)
            left = (place % COLUMNS) * size_px + (size_px - picture.width) // 2
            top = (place // COLUMNS) * size_px + (size_px - picture.height) // 2
            made.paste(picture, (left, top))
    return _saved(made, JPEG)


def _fitted(encoded: bytes, size_px: int) -> Pillow.Image:
    opened = Pillow.open(BytesIO(encoded))
    opened.draft("RGB", (size_px, size_px))  # a JPEG is decoded no larger than it is shown
    picture = opened.convert("RGB")
    scale = size_px / max(picture.size)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return picture.resize(size, Pillow.Resampling.BILINEAR)


def _saved(picture: Pillow.Image, media: str) -> bytes:
    written = BytesIO()
    if media == PNG:
        picture.save(written, "PNG")
    else:
        picture.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()
