"""The file that an image was read from, by a path that means the same wherever one is."""

from __future__ import annotations

import os
from dataclasses import replace

from identity.core.shown import bytes_of_name, shown_name
from identity.core.types import SourceImage

MEMORY = "memory"  # the source of pictures that no file holds


def file_of(image: SourceImage) -> str | None:
    """The absolute path as the system knows it; None where the image is in no file."""
    if image.source == MEMORY and image.row is not None:
        return None
    path = absolute(image.path_bytes or image.path)
    return path if os.path.lexists(path) else None


def absolute(path: str | bytes) -> str:
    """A stored or given path, absolute."""
    return os.path.abspath(os.fsdecode(path))  # noqa: PTH100 (links stay as they are)


def with_absolute_path(image: SourceImage) -> SourceImage:
    """The image as the store keeps it."""
    file = file_of(image)
    return image if file is None else replace(image, path=shown_name(file), path_bytes=bytes_of_name(file))
