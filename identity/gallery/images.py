"""What a person may give as images: one path, array or Pillow image, or any number of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeGuard, Union, cast

import numpy as np

from identity.core.errors import UsageError
from identity.core.limits import USUAL, Limits
from identity.core.types import SourceImage
from identity.core.watching import OnUnread, nobody
from identity.imaging.folders import given_path as given_path
from identity.imaging.sources import count_sources, read_sources, sources_of_arrays

if TYPE_CHECKING:
    from PIL import Image as Pillow

One: TypeAlias = Union[str, "os.PathLike[str]", "np.ndarray[Any, np.dtype[np.uint8]]", "Pillow.Image"]
Images: TypeAlias = One | Iterable[One]
Paths: TypeAlias = Union[str, "os.PathLike[str]", "Iterable[str | os.PathLike[str]]"]


class Reading(Protocol):
    """Opens images as `images_of` does, within limits that were set before."""

    def __call__(self, images: Images, *, on_unread: OnUnread = nobody) -> Iterator[SourceImage]:
        """The images, decoded one after the other."""
        ...


def images_of(
    images: Images, *, limits: Limits = USUAL, on_unread: OnUnread = nobody
) -> Iterator[SourceImage]:
    """Paths (files, folders, IDX) or pictures in memory, decoded one after the other.

    A `str` is a path, an array (h, w) or (h, w, 3) is one image. Raises `UsageError` for a stack of images in one
    array, for a single array that is no image, and where paths and pictures in memory are mixed; of several pictures
    one that is no image carries its error. `on_unread` is told of the files in folders that look like pictures or
    videos and are not read.
    """
    if not _is_one(images):
        return _images_of_many(iter(cast("Iterable[One]", images)), limits, on_unread)
    if _is_path(images):
        return read_sources([_path(images)], limits=limits, on_unread=on_unread)
    (image,) = sources_of_arrays([_not_a_stack(images)])
    if image.error is not None:
        raise UsageError(image.error)
    return iter([image])


def paths_of(given: Paths) -> list[str | os.PathLike[str]]:
    """One path or several, as a list; a `str` is a path, never characters."""
    return [given] if _is_path(given) else list(cast("Iterable[str | os.PathLike[str]]", given))


def given_paths(images: Images) -> list[Path]:
    """The paths among what is given, where it can be looked through twice."""
    several = [images] if _is_one(images) else images if isinstance(images, (list, tuple)) else []
    return [Path(one) for one in several if _is_path(one)]


def looked_through(images: Images) -> tuple[Images, list[Path]]:
    """What is given, so that it can be looked through again, and its paths; none where it is pictures in memory.

    Raises `UsageError` where both are mixed.
    """
    held = images if _is_one(images) else list(cast("Iterable[One]", images))
    several = [held] if _is_one(held) else cast("list[One]", held)
    return held, [_path(one) for one in several] if any(_is_path(one) for one in several) else []


def count_images(images: Images) -> int | None:
    """How many images there are, as a progress bar wants to know; None where only reading them would tell."""
    if _is_one(images):
        return count_sources([_path(images)]) if _is_path(images) else 1
    if not isinstance(images, (list, tuple)):
        return None
    paths = [_path(one) for one in images if _is_path(one)]
    return count_sources(paths) if paths else len(images)


def _images_of_many(images: Iterator[Any], limits: Limits, on_unread: OnUnread) -> Iterator[SourceImage]:
    first = next(images, None)
    if first is None:
        return iter(())
    everything = chain([first], images)
    if _is_path(first):
        return read_sources([_path(one) for one in everything], limits=limits, on_unread=on_unread)
    return sources_of_arrays(_not_a_stack(one) for one in everything)


def _is_one(images: Any) -> TypeGuard[One]:
    from PIL import Image as Pillow

    return _is_path(images) or isinstance(images, (np.ndarray, Pillow.Image))


def _is_path(given: Any) -> TypeGuard[str | os.PathLike[str]]:
    return isinstance(given, (str, os.PathLike))


def _path(given: Any) -> Path:
    if not _is_path(given):
        raise UsageError(MIXED)
    return given_path(os.fspath(given))


def _not_a_stack(given: Any) -> Any:
    """The picture itself. Raises `UsageError` for a path, and for an array that holds several images."""
    if _is_path(given):
        raise UsageError(MIXED)
    shape = np.shape(given) if isinstance(given, np.ndarray) else ()
    if len(shape) == 4 or (len(shape) == 3 and shape[2] not in CHANNELS):
        raise UsageError(f"an array of shape {shape} is a stack of images, not one image: pass list(stack)")
    return given


MIXED = "paths and pictures in memory cannot be mixed: ask for them one after the other"
CHANNELS = (1, 2, 3, 4)  # of one image; all but 3 are refused with their own cure
