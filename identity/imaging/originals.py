"""Reads again the photographs that samples were seen in, where they are still there and still show the same."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from identity.core.errors import UnreadableImageError
from identity.core.limits import USUAL, Limits
from identity.core.types import Image
from identity.imaging.idx import read_idx_images
from identity.imaging.reader import read_image
from identity.imaging.sources import content_of


@dataclass(slots=True)
class OriginalFiles:
    """Files by the paths that enrolment was given; the last IDX file stays in memory for its next row."""

    limits: Limits = USUAL
    _idx: tuple[Path, NDArray[np.uint8]] | None = field(default=None, repr=False)

    def pixels(self, path: str | bytes, row: int | None, content: bytes) -> Image | None:
        """The pixels; None where the file is gone, cannot be read, or shows something else by now."""
        try:
            found = self._read(Path(os.fsdecode(path)), row)
        except (UnreadableImageError, OSError, IndexError):
            return None
        return found if content_of(found) == content else None

    def is_there(self, path: str | bytes) -> bool:
        """Whether there is a file; what it shows is not looked at."""
        return Path(os.fsdecode(path)).is_file()

    def _read(self, path: Path, row: int | None) -> Image:
        if row is None:
            return read_image(path, limits=self.limits)
        if self._idx is None or self._idx[0] != path:
            self._idx = path, read_idx_images(path, most_bytes=self.limits.file_bytes)
        return np.asarray(self._idx[1][row])
