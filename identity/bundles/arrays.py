"""Arrays as .npy files of one fixed spelling, so that the same array gives the same bytes with every NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"\x93NUMPY\x01\x00"
_ALIGNED = 64


def header(dtype: str, shape: tuple[int, ...]) -> bytes:
    """What stands before the numbers."""
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"
    padding = -(len(_MAGIC) + 2 + len(text) + 1) % _ALIGNED
    line = (text + " " * padding + "\n").encode("ascii")
    return _MAGIC + len(line).to_bytes(2, "little") + line


def dump(array: NDArray[Any], dtype: str) -> bytes:
    """The file that holds an array."""
    return header(dtype, array.shape) + np.ascontiguousarray(array, dtype).tobytes()


def size_of(dtype: str, shape: tuple[int, ...]) -> int:
    """How many bytes the file of such an array has."""
    numbers = 1
    for n in shape:
        numbers *= n
    return len(header(dtype, shape)) + numbers * np.dtype(dtype).itemsize


def parse(content: bytes, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """The array in a file, which must have this type and shape. Raises `ValueError`."""
    before = header(dtype, shape)
    if not content.startswith(before) or len(content) != size_of(dtype, shape):
        raise ValueError("an array is not what the manifest says")
    return np.frombuffer(content, dtype, offset=len(before)).reshape(shape)
