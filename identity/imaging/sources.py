"""One way in for every command: files, folders and IDX files become a stream of decoded images with their labels."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from identity.core.errors import NotFoundError, UnreadableImageError
from identity.core.types import Image, SourceImage
from identity.imaging.idx import count_idx_images, is_idx_images, labels_beside, read_idx_images, read_idx_labels
from identity.imaging.reader import pixels_of, read_image, turn_upright

READERS = 2
LOOK_AHEAD = 16  # decoded images waiting, and how many pixels of them: bounds the memory whatever the folder holds
AHEAD_PIXELS = 2**24
EXTRA_CHANNELS = {
    1: "give its only channel, image[:, :, 0]",
    2: "grey with transparency is not supported: give uint8 (h, w) or (h, w, 3)",
    4: "remove its transparency with image[:, :, :3], or give a Pillow image",
}


@dataclass(frozen=True, slots=True)
class _ImageFile:
    """A file to be read: the path as it was given, the file, and its label."""

    source: str
    path: Path
    label: str | None


def read_sources(paths: Sequence[Path]) -> Iterator[SourceImage]:
    """Every image of files, folders (recursive, sorted) and IDX files, in order; a broken file carries its `error`.

    The label is the folder directly above a file, for files that lie deeper than the folder that was given; for IDX
    the decimal number in the labels file beside it. Raises `NotFoundError` at once for a path that is not there and
    for a folder without any image.
    """
    return _read_entries(_entries(paths))


def count_sources(paths: Sequence[Path]) -> int:
    """How many images there are to read. Raises `NotFoundError` as `read_sources` does."""
    return sum(_count(entry.path) for entry in _entries(paths))


def sources_of_arrays(images: Iterable[Any], *, source: str = "memory") -> Iterator[SourceImage]:
    """Pictures in memory: uint8 arrays (h, w) or (h, w, 3), or Pillow images, which are turned upright as files are."""
    for row, image in enumerate(images):
        try:
            pixels = _whole_pixels(image) if isinstance(image, Pillow.Image) else np.asarray(image)
            _require_image(pixels)
        except (UnreadableImageError, OSError, ValueError) as error:
            yield SourceImage(source, source, row, error=str(error))
        else:
            yield _source_image(source, source, row, None, pixels)


def _whole_pixels(image: Pillow.Image) -> Image:
    image.load()  # raises where the file behind it is cut short
    return pixels_of(turn_upright(image))


def _require_image(pixels: NDArray[Any]) -> None:
    """Raise `UnreadableImageError` for an array that is no image, with what makes it one."""
    shape = pixels.shape
    if 0 in shape:
        raise UnreadableImageError(f"an array of shape {shape} is empty: give an image with at least one pixel")
    if pixels.ndim == 3 and shape[2] in EXTRA_CHANNELS:
        raise UnreadableImageError(f"an array of shape {shape} is not an image: {EXTRA_CHANNELS[shape[2]]}")
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or (pixels.ndim == 3 and shape[2] != 3):
        raise UnreadableImageError(
            f"an array of {pixels.dtype} and shape {shape} is not an image: give uint8 (h, w) or (h, w, 3)"
        )


def content_of(pixels: Image) -> bytes:
    """sha256 over shape and pixels: what makes two images the same one."""
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.digest()


def _source_image(source: str, path: str, row: int | None, label: str | None, pixels: Image) -> SourceImage:
    height, width = pixels.shape[:2]
    return SourceImage(source, path, row, label, pixels, None, content_of(pixels), width, height)


def _entries(paths: Sequence[Path]) -> list[_ImageFile]:
    return [entry for path in paths for entry in _entries_of(path)]


def _entries_of(path: Path) -> list[_ImageFile]:
    if path.is_file():
        return [_ImageFile(str(path), path, None)]
    if not path.is_dir():
        raise NotFoundError(f"there is no file or folder '{path}': check the path")
    found = [
        _ImageFile(str(path), file, None if file.parent == path else file.parent.name)
        for file in sorted(path.rglob("*"))
        if _is_image_name(file.relative_to(path)) and file.is_file()
    ]
    if not found:
        raise NotFoundError(f"folder '{path}' holds no image: check the path, or name the files themselves")
    return found


def _is_image_name(path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and (path.suffix.lower() in _extensions() or is_idx_images(path))


@cache
def _extensions() -> frozenset[str]:
    readable = {ending for ending, name in Pillow.registered_extensions().items() if name in Pillow.OPEN}
    return frozenset(readable - {".pdf", ".mpg", ".mpeg", ".h5", ".hdf", ".bufr", ".grib"})


def _count(path: Path) -> int:
    if not is_idx_images(path):
        return 1
    try:
        return count_idx_images(path)
    except UnreadableImageError:
        return 1


def _read_entries(entries: Sequence[_ImageFile]) -> Iterator[SourceImage]:
    """Files are decoded by a few threads, a bounded number ahead, and come out in order."""
    with ThreadPoolExecutor(READERS, thread_name_prefix="decode") as readers:
        waiting: deque[Future[SourceImage] | _ImageFile] = deque()
        upcoming = iter(entries)
        most = LOOK_AHEAD
        try:
            while True:
                while len(waiting) < most and (entry := next(upcoming, None)) is not None:
                    waiting.append(entry if is_idx_images(entry.path) else readers.submit(_read_file, entry))
                if not waiting:
                    return
                first = waiting.popleft()
                if isinstance(first, _ImageFile):
                    yield from _read_idx(first)
                else:
                    image = first.result()
                    most = max(1, min(LOOK_AHEAD, AHEAD_PIXELS // max(1, image.width * image.height)))
                    yield image
        finally:
            for one in waiting:
                if isinstance(one, Future):
                    one.cancel()


def _read_file(entry: _ImageFile) -> SourceImage:
    try:
        return _source_image(entry.source, str(entry.path), None, entry.label, read_image(entry.path))
    except UnreadableImageError as error:
        return SourceImage(entry.source, str(entry.path), None, entry.label, error=str(error))


def _read_idx(entry: _ImageFile) -> Iterator[SourceImage]:
    try:
        images = read_idx_images(entry.path)
        labels = _labels(entry.path, len(images)) or [entry.label] * len(images)
    except UnreadableImageError as error:
        yield SourceImage(entry.source, str(entry.path), None, entry.label, error=str(error))
        return
    for row, (pixels, label) in enumerate(zip(images, labels, strict=True)):
        yield _source_image(entry.source, str(entry.path), row, label, pixels)


def _labels(path: Path, count: int) -> list[str | None] | None:
    beside = labels_beside(path)
    if beside is None:
        return None
    labels = read_idx_labels(beside)
    if len(labels) != count:
        raise UnreadableImageError(
            f"{beside} has {len(labels)} labels for {count} images: put the labels file of these images there"
        )
    return [str(int(label)) for label in labels]
