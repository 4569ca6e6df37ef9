"""One way in for every command: files, folders and IDX files become a stream of decoded images with their labels."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from identity.core.errors import UnreadableImageError
from identity.core.limits import USUAL, Limits
from identity.core.shown import bytes_of_name, shown_name
from identity.core.types import Image, SourceImage
from identity.core.watching import OnUnread, nobody
from identity.imaging.folders import ImageFile, list_images
from identity.imaging.formats import upright_pixels
from identity.imaging.idx import count_idx_images, is_idx_images, labels_beside, read_idx_images, read_idx_labels
from identity.imaging.originals import FileDetail
from identity.imaging.pictures import content_of as content_of
from identity.imaging.reader import read_picture
from identity.imaging.unread import unread_files

READERS = 2
LOOK_AHEAD = 16  # decoded images waiting, and how many pixels of them: bounds the memory whatever the folder holds
AHEAD_PIXELS = 2**24
EXTRA_CHANNELS = {
    1: "give its only channel, image[:, :, 0]",
    2: "grey with transparency is not supported: give uint8 (h, w) or (h, w, 3)",
    4: "remove its transparency with image[:, :, :3], or give a Pillow image",
}


def read_sources(
    paths: Sequence[Path], *, limits: Limits = USUAL, on_unread: OnUnread = nobody
) -> Iterator[SourceImage]:
    """Every image of files, folders (recursive, sorted) and IDX files, in order; a broken file carries its `error`.

    `on_unread` is told of the files in folders that look like pictures or videos and are not read.

    The label is the folder directly above a file, for files that lie deeper than the folder that was given; for IDX
    the decimal number in the labels file beside it. Raises `NotFoundError` at once for a path that is not there and
    for a folder without any image.
    """
    listing = list_images(paths)
    on_unread(unread_files(listing.unread))
    return _read_files(listing.images, limits)


def count_sources(paths: Sequence[Path]) -> int:
    """How many images there are to read. Raises `NotFoundError` as `read_sources` does."""
    return sum(_count(file.path) for file in list_images(paths).images)


def sources_of_arrays(images: Iterable[Any], *, source: str = "memory") -> Iterator[SourceImage]:
    """Pictures in memory: uint8 arrays (h, w) or (h, w, 3), or Pillow images, which are turned upright as files are."""
    for row, image in enumerate(images):
        try:
            pixels = (
                np.ascontiguousarray(upright_pixels(image)) if isinstance(image, Pillow.Image) else np.asarray(image)
            )
            _require_image(pixels)
        except (UnreadableImageError, OSError, ValueError) as error:
            yield SourceImage(source, source, row, error=str(error))
        else:
            yield _source_image(source, source, row, None, pixels)


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


def _source_image(source: str, path: str, row: int | None, label: str | None, pixels: Image) -> SourceImage:
    height, width = pixels.shape[:2]
    return SourceImage(source, path, row, label, pixels, None, content_of(pixels), width, height)


def _count(path: Path) -> int:
    if not is_idx_images(path):
        return 1
    try:
        return count_idx_images(path)
    except UnreadableImageError:
        return 1


def _read_files(files: Sequence[ImageFile], limits: Limits) -> Iterator[SourceImage]:
    """Files are decoded by a few threads, a bounded number ahead, and come out in order."""
    with ThreadPoolExecutor(READERS, thread_name_prefix="decode") as readers:
        waiting: deque[Future[SourceImage] | ImageFile] = deque()
        upcoming = iter(files)
        most = READERS  # until the first says how large they are
        try:
            while True:
                while len(waiting) < most and (file := next(upcoming, None)) is not None:
                    waiting.append(file if is_idx_images(file.path) else readers.submit(read_file, file, limits))
                if not waiting:
                    return
                first = waiting.popleft()
                if isinstance(first, ImageFile):
                    yield from read_idx(first, limits)
                else:
                    image = first.result()
                    held = image.width * image.height // image.reduced**2
                    most = max(1, min(LOOK_AHEAD, AHEAD_PIXELS // max(1, held)))
                    yield image
        finally:
            for one in waiting:
                if isinstance(one, Future):
                    one.cancel()


def read_file(file: ImageFile, limits: Limits) -> SourceImage:
    """One file that is no IDX file; the image carries the error where it cannot be read."""
    if file.error is not None:
        return file.failed(file.error)
    try:
        found = read_picture(file.path, limits=limits)
    except UnreadableImageError as error:
        return file.failed(str(error))
    detail = FileDetail(file.path, limits) if found.reduced > 1 else None
    return SourceImage(
        file.source, shown_name(file.path), None, file.label, found.pixels, None, found.content,
        found.width, found.height, bytes_of_name(file.path), found.reduced, detail,
    )  # fmt: skip


def read_idx(file: ImageFile, limits: Limits) -> Iterator[SourceImage]:
    """Every image of an IDX file; one with the error where it cannot be read."""
    try:
        images = read_idx_images(file.path, most_bytes=limits.file_bytes)
        labels = _labels(file.path, len(images), most_bytes=limits.file_bytes - images.nbytes)
    except UnreadableImageError as error:
        yield file.failed(str(error))
        return
    path, named = shown_name(file.path), bytes_of_name(file.path)
    for row, (pixels, label) in enumerate(zip(images, repeat(file.label) if labels is None else labels, strict=False)):
        image = _source_image(file.source, path, row, label, pixels)
        yield image if named is None else replace(image, path_bytes=named)


def _labels(path: Path, count: int, *, most_bytes: int) -> Iterator[str] | None:
    """The label of each of `count` images, None without a labels file. Raises `UnreadableImageError`."""
    beside = labels_beside(path)
    if beside is None:
        return None
    held = count_idx_images(beside)
    if held != count:
        raise UnreadableImageError(
            f"{shown_name(beside)} has {held} labels for {count} images: put the labels file of these images there"
        )
    return (str(int(label)) for label in read_idx_labels(beside, most_bytes=most_bytes))
