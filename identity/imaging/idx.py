"""IDX files, plain or gzipped: the format MNIST came in (LeCun, Cortes, Burges, "The MNIST database", 1998)."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from identity.core.errors import UnreadableImageError
from identity.core.limits import USUAL
from identity.core.shown import shown_name

IMAGES_SUFFIXES = ("images-idx3-ubyte", "images-idx3-ubyte.gz", "images.idx3-ubyte", "images.idx3-ubyte.gz")
UNSIGNED_BYTE = 0x08
IMAGES, LABELS = (3, "images", "give an idx3-ubyte file"), (1, "labels", "give an idx1-ubyte file")
Kind = tuple[int, str, str]  # dimensions, what they are, and the cure where there are others


def is_idx_images(path: Path) -> bool:
    """Whether a file's name says that it holds IDX images."""
    return path.name.endswith(IMAGES_SUFFIXES)


def read_idx_images(path: Path, *, most_bytes: int = USUAL.file_bytes) -> NDArray[np.uint8]:
    """All images of a file (n, h, w), at most `most_bytes` of them. Raises `UnreadableImageError`."""
    return _read(path, IMAGES, most_bytes)


def read_idx_labels(path: Path, *, most_bytes: int = USUAL.file_bytes) -> NDArray[np.uint8]:
    """All labels of a file (n,). Raises `UnreadableImageError`."""
    return _read(path, LABELS, most_bytes)


def labels_beside(path: Path) -> Path | None:
    """The labels file that belongs to an images file, plain or gzipped, where there is one."""
    plain = path.name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    return next((one for one in (path.with_name(plain), path.with_name(f"{plain}.gz")) if one.is_file()), None)


def count_idx_images(path: Path) -> int:
    """How many images a file says that it holds; only its header is read. Raises `UnreadableImageError`."""
    with _open_idx(path) as file:
        shape = _shape(file, path)
    return shape[0] if shape else 0


def _read(path: Path, kind: Kind, most_bytes: int) -> NDArray[np.uint8]:
    """Everything in a file, never more bytes in memory than its header promises and `most_bytes` allows."""
    named = shown_name(path)
    with _open_idx(path) as file:
        shape = _shape(file, path)
        _require_kind(shape, kind, named)
        expected = prod(shape)
        if expected > most_bytes:
            raise UnreadableImageError(
                f"{named} should hold {expected:,} bytes, but at most {most_bytes:,} are read: "
                "split the file, or raise IDENTITY_MAX_FILE_BYTES"
            )
        content = file.read(expected + 1)
    if len(content) != expected:
        held = "more" if len(content) > expected else len(content)
        raise UnreadableImageError(f"{named} should hold {expected} bytes but holds {held}: copy or download it again")
    return np.frombuffer(content, np.uint8).reshape(shape)


def _require_kind(shape: tuple[int, ...], kind: Kind, named: str) -> None:
    dimensions, what, cure = kind
    if len(shape) != dimensions:
        raise UnreadableImageError(f"{named} holds {len(shape)}-dimensional data, not {what}: {cure}")
    if 0 in shape[1:]:
        raise UnreadableImageError(f"{named} holds images of {shape[2]}x{shape[1]} pixels: {cure} with pixels in it")


@contextmanager
def _open_idx(path: Path) -> Iterator[IO[bytes]]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield cast("IO[bytes]", file)
    except (OSError, EOFError, MemoryError, OverflowError, zlib.error) as error:
        cause = getattr(error, "strerror", None) or error or "out of memory"
        raise UnreadableImageError(f"cannot read {shown_name(path)} ({cause}): copy or download it again") from error


def _shape(file: IO[bytes], path: Path) -> tuple[int, ...]:
    magic = file.read(4)
    sides = file.read(4 * magic[3]) if len(magic) == 4 else b""
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] != UNSIGNED_BYTE or len(sides) < 4 * magic[3]:
        raise UnreadableImageError(f"{shown_name(path)} is not an IDX file of unsigned bytes: give an idx3-ubyte file")
    return tuple(int(side) for side in np.frombuffer(sides, ">u4"))
