"""A disk that forgets: what was written and synced is kept, the rest is kept or lost by chance when the power goes.

Two file systems. `strict` promises what POSIX does and no more: content is safe once the file is synced, a name once
its folder is; everything else is lost or kept piece by piece, in any order. `ordered` is like ext4 with data=ordered:
names change in order and reach the disk in order, any sync brings all of them there, and what was written into a
file before it was renamed is on the disk when its new name is.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Literal

from power.inodes import Change, File, Folder
from power.operations import Cut, FolderMade, Opened, Operation, Removed, Renamed, Synced, Written

Model = Literal["strict", "ordered"]


class Disk:
    """One file system, fed with operations; `after_power_cut` says what is there if the power goes now."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.root = Folder()
        self.changes: list[Change] = []

    def do(self, operation: Operation) -> None:
        """One operation of a program."""
        match operation:
            case Opened(path, create, empty):
                self._open(path, create=create, empty=empty)
            case Written(path) | Cut(path):
                self._file(path).pending.append(operation)
            case FolderMade(path):
                self._change(path, None, Folder())
            case Removed(path):
                self._change(path, PurePosixPath(path).name, None)
            case Renamed(path, to):
                self._rename(path, to)
            case Synced(path):
                self._sync(self._find(path))

    def live(self) -> dict[str, bytes | None]:
        """Every path with its content, None for a folder, as programs see them."""
        return {
            path: None if isinstance(found, Folder) else found.content()
            for path, found in _places(self.root, lambda folder: folder.live)
        }

    def after_power_cut(self, rng: random.Random) -> dict[str, bytes | None]:
        """Every path with its content, as the next start may find them."""
        share = rng.choice((0.0, 0.5, 0.9, 1.0, rng.random()))
        names: dict[Folder, dict[str, File | Folder]] = {}
        floors: dict[File, int] = {}
        for change in self._kept_changes(rng, share=share):
            change.apply(names.setdefault(change.folder, dict(change.folder.safe)))
            if self.model == "ordered" and isinstance(change.target, File):
                floors[change.target] = max(floors.get(change.target, 0), change.floor)
        return {
            path: None if isinstance(found, Folder) else found.remains(rng, share=share, floor=floors.get(found, 0))
            for path, found in _places(self.root, lambda folder: names.get(folder, folder.safe))
        }

    def _kept_changes(self, rng: random.Random, *, share: float) -> list[Change]:
        if self.model == "ordered":
            return self.changes[: round(len(self.changes) * share)]
        return [change for change in self.changes if rng.random() < share]

    def _open(self, path: str, *, create: bool, empty: bool) -> None:
        try:
            found = self._file(path)
        except KeyError:
            if not create:
                raise
            self._change(path, None, File())
            return
        if empty:
            found.pending.append(Cut(path, 0))

    def _rename(self, path: str, to: str) -> None:
        target, name, place = self._find(path), PurePosixPath(to).name, self._parent(to)
        here, written = self._parent(path), len(target.pending) if isinstance(target, File) else 0
        if here is place:
            self._record(Change(here, PurePosixPath(path).name, name, target, written))
            return
        self._record(Change(place, None, name, target))
        self._record(Change(here, PurePosixPath(path).name, None, None))

    def _change(self, path: str, gone: str | None, target: File | Folder | None) -> None:
        self._record(Change(self._parent(path), gone, None if target is None else PurePosixPath(path).name, target))

    def _record(self, change: Change) -> None:
        change.apply(change.folder.live)
        self.changes.append(change)

    def _sync(self, found: File | Folder) -> None:
        if isinstance(found, File):
            found.settle(len(found.pending))
        done = [one for one in self.changes if self.model == "ordered" or one.folder is found]
        for change in done:
            change.apply(change.folder.safe)
            if self.model == "ordered" and isinstance(change.target, File):
                change.target.settle(change.floor)
        self.changes = [one for one in self.changes if one not in done]

    def _find(self, path: str) -> File | Folder:
        found: File | Folder = self.root
        for part in PurePosixPath(path).parts:
            found = found.live[part] if isinstance(found, Folder) else found
        return found

    def _file(self, path: str) -> File:
        found = self._find(path)
        if not isinstance(found, File):
            raise TypeError(f"{path} is no file")
        return found

    def _parent(self, path: str) -> Folder:
        found = self._find(str(PurePosixPath(path).parent))
        if not isinstance(found, Folder):
            raise TypeError(f"{path} is in no folder")
        return found


def _places(
    folder: Folder, names_of: Callable[[Folder], dict[str, File | Folder]], above: str = ""
) -> Iterator[tuple[str, File | Folder]]:
    for name, found in names_of(folder).items():
        yield f"{above}{name}", found
        if isinstance(found, Folder):
            yield from _places(found, names_of, f"{above}{name}/")
