"""A snapshot's codes as a file of their own beside it: a FAISS index that is opened memory-mapped, and its checksum.

Every byte of it decides what a search looks at, so opening adds all of it up: at the speed of memory, and neither a
flipped bit nor sectors in another order go by.
"""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from identity.core.scan_bounds import ScanBound
from identity.core.types import Vectors
from identity.indexes.codes import Codes

SECTOR, WORD = 512, 8


def codes_path(path: Path) -> Path:
    """Where the codes of a snapshot lie, given its own path."""
    return path.with_suffix(".codes")


def write_codes(path: Path, codes: Codes) -> dict[str, Any]:
    """Write codes, synced, and say what the snapshot must keep of them."""
    path.touch(mode=0o600)
    with path.open("wb") as file:
        faiss.write_index(codes.index, faiss.PyCallbackIOWriter(file.write))  # type: ignore[attr-defined]
        file.write(b"\0" * (-file.tell() % SECTOR))
        file.flush()
        os.fsync(file.fileno())
    return {"sum": _sum(path), "bound": asdict(codes.bound)}


def open_codes(path: Path, kept: dict[str, Any], scales: Vectors, *, length: int) -> Codes:
    """The codes that were written, memory-mapped. Raises `ValueError` where they are not those."""
    if _sum(path) != kept["sum"]:
        raise ValueError("its codes are not those that were written")
    index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    if not isinstance(index, faiss.IndexScalarQuantizer) or (index.ntotal, index.d) != (length, len(scales)):
        raise ValueError("its codes are of other vectors")
    return Codes(index, scales, ScanBound(**kept["bound"]))


def _sum(path: Path) -> int:
    """All words of a file added up, each sector times an odd number of its own, modulo 2^64.

    Raises `ValueError` where it is no whole number of sectors.
    """
    words: NDArray[np.uint64] = np.memmap(path, "<u8", mode="r").reshape(-1, SECTOR // WORD)
    sectors = np.add.reduce(words, axis=1, dtype=np.uint64)
    return int(np.dot(sectors, np.arange(1, 2 * len(sectors), 2, dtype=np.uint64)))
