"""Which images lie nowhere any more, and for which of them that may only seem so: a disk that is not mounted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class GoneImages:
    """Images whose files are gone, by id; `doubtful` are those whose folder is there and empty, as without its disk."""

    paths: Mapping[int, bytes] = field(default_factory=dict)
    doubtful: frozenset[int] = frozenset()


def gone_images(places: Mapping[int, bytes], present: Iterable[bytes]) -> GoneImages:
    """Of images at these places those whose file is not there; a folder that cannot be searched says nothing."""
    there = set(present)
    gone = {id_: path for id_, path in places.items() if path not in there and _is_gone(path)}
    empty = {folder: _is_emptied(folder) for folder in {os.path.dirname(path) for path in gone.values()}}  # noqa: PTH120
    doubtful = frozenset(id_ for id_, path in gone.items() if empty[os.path.dirname(path)])  # noqa: PTH120
    return GoneImages(gone, doubtful)


def holds_nothing(folder: bytes) -> bool:
    """Whether a folder is not there, or nothing is in it."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except FileNotFoundError:
        return True


def _is_gone(path: bytes) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _is_emptied(folder: bytes) -> bool:
    """Whether the nearest folder that is there has nothing in it."""
    while not os.path.isdir(folder):  # noqa: PTH112
        folder = os.path.dirname(folder)  # noqa: PTH120
    try:
        return holds_nothing(folder)
    except OSError:
        return True
