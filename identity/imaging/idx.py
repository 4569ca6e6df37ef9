"""IDX files, plain or gzipped: the format MNIST came in (LeCun, Cortes, Burges, "The MNIST database", 1998)."""

from __future__ import annotations

import gzip
import zlib
from math import prod
from pathlib import Path

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


def _read(path: Path) -> NDArray[np.uint8]:
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableImageError(f"cannot read {path} ({error}): copy or download it again") from error
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != UNSIGNED_BYTE or len(content) < 4 + 4 * content[3]:
        raise UnreadableImageError(f"{path} is no IDX file of unsigned bytes: check what it is")
    shape = tuple(int(side) for side in np.frombuffer(content, ">u4", content[3], 4))
    start = 4 + 4 * content[3]
    if len(content) - start != prod(shape):
        raise UnreadableImageError(
            f"{path} should hold {prod(shape)} bytes and holds {len(content) - start}: copy or download it again"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
