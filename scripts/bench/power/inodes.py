"""What a file system is made of, each part with what is safe and what was done since."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from power.operations import Cut, Written

SECTORS_BYTES = (512, 4096)
TORN = 0.3  # share of the surviving writes that survive in part


@dataclass(eq=False)
class File:
    """Content that is safe, and what was done to it since."""

    safe: bytearray = field(default_factory=bytearray)
    pending: list[Written | Cut] = field(default_factory=list)

    def settle(self, count: int) -> None:
        """The first `count` of what was done are safe now."""
        for done in self.pending[:count]:
            _apply(self.safe, done)
        del self.pending[:count]

    def content(self) -> bytes:
        """What a program reads."""
        return _applied(self.safe, self.pending)

    def remains(self, rng: random.Random, *, share: float, floor: int) -> bytes:
        """What may be left: the first `floor` of what was done, and about `share` of the rest, some of it torn."""
        kept = [one for done in self.pending[floor:] if rng.random() < share for one in _pieces(done, rng)]
        return _applied(self.safe, [*self.pending[:floor], *kept])


@dataclass(eq=False)
class Folder:
    """Names that are safe, and names as programs see them."""

    safe: dict[str, File | Folder] = field(default_factory=dict)
    live: dict[str, File | Folder] = field(default_factory=dict)


@dataclass(eq=False)
class Change:
    """A name that appeared, went, or was exchanged for another in one folder; `written` counts what its file had."""

    folder: Folder
    gone: str | None
    here: str | None
    target: File | Folder | None
    written: int = 0

    def apply(self, names: dict[str, File | Folder]) -> None:
        """Do it to a folder's names."""
        if self.gone is not None:
            names.pop(self.gone, None)
        if self.here is not None and self.target is not None:
            names[self.here] = self.target

    @property
    def floor(self) -> int:
        """How much of its file's content an ordered file system puts on the disk before this change."""
        return self.written if self.gone is not None else 0


def _applied(safe: bytearray, done: Iterable[Written | Cut]) -> bytes:
    content = bytearray(safe)
    for one in done:
        _apply(content, one)
    return bytes(content)


def _apply(content: bytearray, done: Written | Cut) -> None:
    length = done.offset if isinstance(done, Written) else done.length
    if len(content) < length:
        content.extend(bytes(length - len(content)))  # a gap reads as zeros
    if isinstance(done, Cut):
        del content[length:]
    else:
        content[length : length + len(done.content)] = done.content


def _pieces(done: Written | Cut, rng: random.Random) -> list[Written | Cut]:
    """A write that survives, whole or in some of its sectors."""
    if isinstance(done, Cut) or rng.random() > TORN:
        return [done]
    size, end = rng.choice(SECTORS_BYTES), done.offset + len(done.content)
    edges = [done.offset, *range((done.offset // size + 1) * size, end, size), end]
    return [
        Written(done.path, start, done.content[start - done.offset : stop - done.offset])
        for start, stop in pairwise(edges)
        if rng.random() < 0.5
    ]
