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

IMAGES_SUFFIXES = ("images-idx3-ubyte", "images-idx3-ubyte.gz", "images.idx3-ubyte", "images.idx3-ubyte.gz")
UNSIGNED_BYTE = 0x08
LARGEST_BYTES = 8 << 30


def is_idx_images(path: Path) -> bool:
    """Whether a file's name says that it holds IDX images."""
    return path.name.endswith(IMAGES_SUFFIXES)


def read_idx_images(path: Path) -> NDArray[np.uint8]:
    """All images of a file (n, h, w). Raises `UnreadableImageError`."""
    images = _read(path)
    if images.ndim != 3:
        raise UnreadableImageError(f"{path} holds {images.ndim}-dimensional data, not images: give an idx3-ubyte file")
    return images


def read_idx_labels(path: Path) -> NDArray[np.uint8]:
    """All labels of a file (n,). Raises `UnreadableImageError`."""
    labels = _read(path)
    if labels.ndim != 1:
        raise UnreadableImageError(f"{path} holds {labels.ndim}-dimensional data, not labels: give an idx1-ubyte file")
    return labels


def labels_beside(path: Path) -> Path | None:
    """The labels file that belongs to an images file, plain or gzipped, where there is one."""
    plain = path.name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    return next((one for one in (path.with_name(plain), path.with_name(f"{plain}.gz")) if one.is_file()), None)


def count_idx_images(path: Path) -> int:
    """How many images a file says that it holds; only its header is read. Raises `UnreadableImageError`."""
    with _open_idx(path) as file:
        shape = _shape(file, path)
    return shape[0] if shape else 0


def _read(path: Path) -> NDArray[np.uint8]:
    """Everything in a file, never more bytes in memory than its header promises and `LARGEST_BYTES` allows."""
    with _open_idx(path) as file:
        shape = _shape(file, path)
        expected = prod(shape)
        if expected > LARGEST_BYTES:
            raise UnreadableImageError(
                f"{path} should hold {expected:,} bytes, but at most {LARGEST_BYTES:,} are read: split the file"
            )
        content = file.read(expected + 1)
    if len(content) != expected:
        held = "more" if len(content) > expected else len(content)
        raise UnreadableImageError(f"{path} should hold {expected} bytes but holds {held}: copy or download it again")
    return np.frombuffer(content, np.uint8).reshape(shape)


@contextmanager
def _open_idx(path: Path) -> Iterator[IO[bytes]]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield cast("IO[bytes]", file)
    except (OSError, EOFError, MemoryError, OverflowError, zlib.error) as error:
        raise UnreadableImageError(f"cannot read {path} ({error}): copy or download it again") from error


def _shape(file: IO[bytes], path: Path) -> tuple[int, ...]:
    magic = file.read(4)
    sides = file.read(4 * magic[3]) if len(magic) == 4 else b""
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] != UNSIGNED_BYTE or len(sides) < 4 * magic[3]:
        raise UnreadableImageError(f"{path} is not an IDX file of unsigned bytes: give an idx3-ubyte file")
    return tuple(int(side) for side in np.frombuffer(sides, ">u4"))
