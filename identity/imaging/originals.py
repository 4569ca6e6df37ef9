"""Reads again the photographs that samples were seen in, where they are still there and still show the same."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from identity.core.errors import UnreadableImageError
from identity.core.limits import USUAL, Limits
from identity.core.types import Box, Image, SourceImage
from identity.imaging.idx import read_idx_images
from identity.imaging.pictures import Picture, content_of
from identity.imaging.reader import read_parts, read_picture


@dataclass(frozen=True, slots=True)
class FileDetail:
    """The full photograph in a file of which a reduced picture is in memory."""

    path: Path
    limits: Limits

    def parts(self, boxes: Sequence[Box]) -> list[Image] | None:
        """These parts, every pixel of them; None where it cannot be read any more."""
        with suppress(UnreadableImageError):
            return read_parts(self.path, boxes, limits=self.limits)
        return None

    def content(self) -> bytes | None:
        """sha256 of shape and all decoded pixels; None where it cannot be read any more."""
        with suppress(UnreadableImageError):
            return read_picture(self.path, limits=self.limits, by_pixels=True).content
        return None


@dataclass(slots=True)
class OriginalFiles:
    """Files by the paths that enrolment was given; the last IDX file stays in memory for its next row."""

    limits: Limits = USUAL
    _idx: tuple[Path, NDArray[np.uint8]] | None = field(default=None, repr=False)

    def image(self, path: str | bytes, row: int | None, content: bytes) -> SourceImage | None:
        """The photograph; None where the file is gone, cannot be read, or shows something else by now."""
        file = Path(os.fsdecode(path))
        try:
            found = self._read(file, row)
        except (UnreadableImageError, OSError, IndexError):
            return None
        detail = FileDetail(file, self.limits) if found.reduced > 1 else None
        if found.content != content and (detail is None or detail.content() != content):
            return None
        image = SourceImage(str(file), str(file), row, None, found.pixels, None, content, found.width, found.height)
        return replace(image, reduced=found.reduced, detail=detail)

    def is_there(self, path: str | bytes) -> bool:
        """Whether there is a file; what it shows is not looked at."""
        return Path(os.fsdecode(path)).is_file()

    def _read(self, path: Path, row: int | None) -> Picture:
        if row is None:
            return read_picture(path, limits=self.limits)
        if self._idx is None or self._idx[0] != path:
            self._idx = path, read_idx_images(path, most_bytes=self.limits.file_bytes)
        pixels = np.asarray(self._idx[1][row])
        return Picture(pixels, content_of(pixels), pixels.shape[1], pixels.shape[0])
