"""What becomes of an opened picture: all of it, reduced where it is large, or parts of the full photograph."""

from __future__ import annotations

import hashlib
import mmap
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PIL import Image as Pillow

from identity.core.detail import OF_COMPRESSED, reduction
from identity.core.types import Box, Image
from identity.imaging.formats import ORIENTATION, PHOTOGRAPHS, TURNS, upright_pixels
from identity.imaging.pixels import pixels_of

Content: TypeAlias = bytes | mmap.mmap  # of a file
STRIP_ROWS = 512
CHUNK_BYTES = 1 << 20
AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
START_OF_SCAN, END_OF_IMAGE, COMMENT, ADOBE = 0xDA, 0xD9, 0xFE, 0xEE
MIRRORED, FLIPPED, SWAPPED = (2, 3, 6, 7), (3, 4, 7, 8), (5, 6, 7, 8)  # what orientations do to across, down, and both


@dataclass(frozen=True, slots=True)
class Picture:
    """Decoded and upright: `pixels`, one for `reduced` x `reduced` of the photograph's `width` x `height`."""

    pixels: Image
    content: bytes
    width: int
    height: int
    reduced: int = 1


def picture_of(opened: Pillow.Image, file: Content, *, by_pixels: bool = False) -> Picture:
    """A picture, reduced where it is large; `by_pixels`: known by all its pixels, as earlier versions know it."""
    times = reduction(*opened.size)
    width, height = opened.size
    if times == 1 or opened.format not in PHOTOGRAPHS or by_pixels:
        return _from_all_pixels(opened, times)
    turn = _orientation(opened)
    opened.draft(None, (width // times, height // times))
    if opened.size != (-(-width // times), -(-height // times)):  # what cannot be reduced while it is decoded
        return _from_all_pixels(opened, times)
    pixels = np.ascontiguousarray(upright_pixels(opened))
    upright = (height, width) if turn in SWAPPED else (width, height)
    return Picture(pixels, content_of_jpeg(file, turn), *upright, times)


def parts_of(opened: Pillow.Image, boxes: Sequence[Box]) -> list[Image]:
    """Parts of a picture, boxes being those of the upright one, every pixel of them."""
    if opened.format not in PHOTOGRAPHS:
        pixels = upright_pixels(opened)
        return [np.ascontiguousarray(pixels[box.y1 : box.y2, box.x1 : box.x2]) for box in boxes]
    turn = _orientation(opened)
    opened.load()
    cuts = (pixels_of(opened.crop(_as_stored(box, opened.size, turn))) for box in boxes)
    return [np.ascontiguousarray(TURNS[turn](cut) if turn in TURNS else cut) for cut in cuts]


def content_of(pixels: Image) -> bytes:
    """sha256 over shape and pixels: what makes two images the same one."""
    digest = hashlib.sha256(repr(pixels.shape).encode())
    for top in range(0, len(pixels), STRIP_ROWS):
        digest.update(np.ascontiguousarray(pixels[top : top + STRIP_ROWS]).data)
    return digest.digest()


def content_of_jpeg(file: Content, orientation: int) -> bytes:
    """A digest of what a JPEG was compressed to and how it is turned: other metadata changes, the picture stays."""
    digest = hashlib.sha256(bytes([orientation]))
    at = 2
    while at + 4 <= len(file) and file[at + 1] != END_OF_IMAGE:
        if file[at + 1] == 0xFF:  # fills the space before a marker
            at += 1
            continue
        end = at + 2 + int.from_bytes(file[at + 2 : at + 4], "big")
        if file[at + 1] == START_OF_SCAN:
            found = AFTER_SCAN.search(file, end)
            end = found.start() if found else len(file)
        if file[at + 1] in (*range(0xE0, 0xF0), COMMENT) and file[at + 1] != ADOBE:
            at = end
            continue
        for start in range(at, end, CHUNK_BYTES):
            digest.update(file[start : min(end, start + CHUNK_BYTES)])
        at = end
    return digest.digest()[: -len(OF_COMPRESSED)] + OF_COMPRESSED


def _from_all_pixels(opened: Pillow.Image, times: int) -> Picture:
    pixels = upright_pixels(opened)
    opened.close()  # what Pillow holds of it, before it is in memory once more
    height, width = pixels.shape[:2]
    content = content_of(pixels)
    small = np.ascontiguousarray(pixels) if times == 1 else _averaged(pixels, times)
    return Picture(small, content, width, height, times)


def _averaged(pixels: Image, times: int) -> Image:
    """Each `times` x `times` pixels as one, strip by strip."""
    height, width = (-(-side // times) for side in pixels.shape[:2])
    small = np.empty((height, width, *pixels.shape[2:]), np.uint8)
    rows = STRIP_ROWS // times * times
    for top in range(0, len(pixels), rows):
        strip = Pillow.fromarray(np.ascontiguousarray(pixels[top : top + rows])).reduce(times)
        small[top // times : top // times + strip.height] = np.asarray(strip)
    return small


def _orientation(opened: Pillow.Image) -> int:
    turn = opened.getexif().get(ORIENTATION, 1)
    return turn if turn in TURNS else 1


def _as_stored(box: Box, size: tuple[int, int], turn: int) -> tuple[int, int, int, int]:
    """A box of the upright picture, in the picture as it is stored."""
    width, height = size[::-1] if turn in SWAPPED else size
    x1, x2 = (width - box.x2, width - box.x1) if turn in MIRRORED else (box.x1, box.x2)
    y1, y2 = (height - box.y2, height - box.y1) if turn in FLIPPED else (box.y1, box.y2)
    return (y1, x1, y2, x2) if turn in SWAPPED else (x1, y1, x2, y2)
