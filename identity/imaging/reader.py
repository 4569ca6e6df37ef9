"""Decodes one image file into upright grey or RGB pixels, or says in one line why it cannot be."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TypeVar

from PIL import Image as Pillow

from identity.core.detail import reduction
from identity.core.errors import UnreadableImageError
from identity.core.limits import USUAL, Limits
from identity.core.shown import shown_name
from identity.core.types import Box, Image
from identity.imaging.formats import (
    PHOTOGRAPH_BYTES,
    PHOTOGRAPH_PIXELS,
    is_quick,
    may_be_quick,
    open_picture,
    require_size,
)
from identity.imaging.in_flight import PixelsInFlight
from identity.imaging.pictures import Picture, parts_of, picture_of
from identity.imaging.refusals import refusal

T = TypeVar("T")
IN_FLIGHT = PixelsInFlight(2 * PHOTOGRAPH_PIXELS)  # photographs that are decoded here at once, however many threads ask


def read_picture(path: Path, *, limits: Limits = USUAL, by_pixels: bool = False) -> Picture:
    """A file's first frame, upright: (h, w) where it is grey, else (h, w, 3) RGB, uint8; reduced where it is large.

    `by_pixels`: its content is a digest of all pixels, as earlier versions know it.
    Raises `UnreadableImageError` for anything that is not a whole image, and for one beyond the limits.
    """
    found = _at_once(path, limits, lambda opened, content: picture_of(opened, content, by_pixels=by_pixels))
    if found is not None:
        return found
    from identity.imaging.apart import decode_apart  # most pictures need no process of their own

    return decode_apart(path, limits, by_pixels=by_pixels)


def read_image(path: Path, *, limits: Limits = USUAL) -> Image:
    """The pixels alone. Raises as `read_picture` does."""
    return read_picture(path, limits=limits).pixels


def read_parts(path: Path, boxes: Sequence[Box], *, limits: Limits = USUAL) -> list[Image]:
    """Parts of a file's first frame, every pixel; boxes are those of the upright one. Raises as `read_picture` does."""
    found = _at_once(path, limits, lambda opened, _content: parts_of(opened, boxes))
    if found is not None:
        return found
    from identity.imaging.apart import parts_apart

    return parts_apart(path, limits, boxes)


def picture_in_memory(content: bytes, named: str, *, limits: Limits = USUAL) -> Picture | None:
    """What the bytes of a file show; None where it may take long to decode, or would be reduced and looked at twice.

    Raises as `read_picture` does.
    """

    def whole(opened: Pillow.Image, content: bytes) -> Picture | None:
        return None if reduction(*opened.size) > 1 else picture_of(opened, content)

    with _refused(named):
        return _quickly(content, named, limits, whole)


def _at_once(path: Path, limits: Limits, work: Callable[[Pillow.Image, bytes], T]) -> T | None:
    """What is made of a picture that cannot take long; None where it might."""
    named = shown_name(path)
    with _refused(named):
        content = _content(path, limits)
        return None if content is None else _quickly(content, named, limits, work)


def _quickly(content: bytes, named: str, limits: Limits, work: Callable[[Pillow.Image, bytes], T]) -> T | None:
    if not may_be_quick(content):
        return None
    with open_picture(BytesIO(content)) as opened:
        require_size(opened, named, limits)
        if not is_quick(opened):
            return None
        with IN_FLIGHT.taken(opened.size[0] * opened.size[1]):
            return work(opened, content)


@contextmanager
def _refused(named: str) -> Iterator[None]:
    """Whatever goes wrong in the block is said in one line."""
    try:
        yield
    except UnreadableImageError:
        raise
    except Exception as error:  # Pillow raises whatever its many readers stumble over
        raise refusal(named, error) from error


def _content(path: Path, limits: Limits) -> bytes | None:
    """A file's bytes, None where there are many. Raises `UnreadableImageError` for what is no file, or is too large."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:  # noqa: PTH123 (a pipe that is opened without that flag waits for ever)
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise UnreadableImageError(f"{shown_name(path)} is no file but a pipe, device or folder: give a file")
        if facts.st_size > limits.file_bytes:
            raise UnreadableImageError(
                f"{shown_name(path)} has {facts.st_size:,} bytes, but at most {limits.file_bytes:,} are read: "
                "scale it down, or raise IDENTITY_MAX_FILE_BYTES"
            )
        return file.read() if facts.st_size <= PHOTOGRAPH_BYTES else None
