"""What a person may give as images: one path, array or Pillow image, or many of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Union

import numpy as np

from identity.core.errors import UsageError
from identity.core.types import SourceImage
from identity.imaging.sources import count_sources, read_sources, sources_of_arrays

if TYPE_CHECKING:
    from PIL import Image as Pillow

One: TypeAlias = Union[str, Path, "np.ndarray[Any, np.dtype[np.uint8]]", "Pillow.Image"]
Images: TypeAlias = One | Iterable[One]


def images_of(images: Images) -> Iterator[SourceImage]:
    """Paths (files, folders, IDX) or pictures in memory, decoded one after the other.

    A `str` is a path. Raises `UsageError` where paths and pictures in memory are mixed.
    """
    given = _listed(images)
    paths = [Path(one) for one in given if isinstance(one, (str, Path))]
    if paths and len(paths) != len(given):
        raise UsageError("paths and pictures in memory cannot be mixed: ask for them one after the other")
    return read_sources(paths) if paths else sources_of_arrays(given)


def count_images(images: Images) -> int:
    """How many images there are, as a progress bar wants to know."""
    given = _listed(images)
    paths = [Path(one) for one in given if isinstance(one, (str, Path))]
    return count_sources(paths) if paths else len(given)


def _listed(images: Any) -> list[Any]:
    from PIL import Image as Pillow

    return [images] if isinstance(images, (str, Path, np.ndarray, Pillow.Image)) else list(images)
