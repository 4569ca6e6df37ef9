"""Decodes one image file into upright grey or RGB pixels, or says in one line why it cannot be."""

from __future__ import annotations

import os
import stat
from io import BytesIO
from pathlib import Path

import numpy as np

from identity.core.errors import UnreadableImageError
from identity.core.limits import USUAL, Limits
from identity.core.shown import shown_name
from identity.core.types import Image
from identity.imaging.formats import (
    PHOTOGRAPH_BYTES,
    is_quick,
    may_be_quick,
    open_picture,
    require_size,
    upright_pixels,
)
from identity.imaging.refusals import refusal


def read_image(path: Path, *, limits: Limits = USUAL) -> Image:
    """The pixels of a file's first frame, upright: (h, w) where it is grey, else (h, w, 3) RGB, uint8.

    Raises `UnreadableImageError` for anything that is not a whole image, and for one beyond the limits.
    """
    try:
        pixels = _read_at_once(path, limits)
    except UnreadableImageError:
        raise
    except Exception as error:  # Pillow raises whatever its many readers stumble over
        raise refusal(shown_name(path), error) from error
    if pixels is not None:
        return pixels
    from identity.imaging.apart import decode_apart  # most pictures need no process of their own

    return decode_apart(path, limits)


def _read_at_once(path: Path, limits: Limits) -> Image | None:
    """The pixels of a picture that cannot take long; None where it might."""
    content = _content(path, limits)
    if content is None or not may_be_quick(content):
        return None
    with open_picture(BytesIO(content)) as opened:
        require_size(opened, shown_name(path), limits)
        return np.ascontiguousarray(upright_pixels(opened)) if is_quick(opened) else None


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
