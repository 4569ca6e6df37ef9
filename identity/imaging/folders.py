"""Which files a person means: the files themselves, and what a folder holds, with the label each would have.

Links to folders are followed once, so that loops end; a file that a folder leads to by several ways counts once, by the
way without links where there is one.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from identity.core.errors import NotFoundError, UsageError
from identity.core.shown import bytes_of_name, shown_name
from identity.core.types import SourceImage
from identity.imaging.formats import extensions
from identity.imaging.idx import is_idx_images
from identity.imaging.unread import unread_files, why_unread


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A file to be read: the path as it was given, the file, and its label; or why its folder cannot be searched."""

    source: str
    path: Path
    label: str | None
    error: str | None = None

    def failed(self, error: str) -> SourceImage:
        """The image that could not be read, and why."""
        return SourceImage(
            self.source, shown_name(self.path), None, self.label, error=error, path_bytes=bytes_of_name(self.path)
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """Images in order, and how many files look like pictures or videos and are not read, by ending."""

    images: list[ImageFile] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, order=True)
class _FileInFolder:
    """A file in a folder, whether a link led there, and the file itself, whatever led there."""

    path: Path
    linked: bool
    real: str


def list_images(paths: Sequence[Path]) -> Listing:
    """Every image file of files and folders (recursive, sorted).

    Raises `NotFoundError` for a path that is not there, and for a folder without any image.
    """
    listing, reached = Listing(), set[str]()
    for path in paths:
        _list(path, listing, reached)
    return listing


def given_path(text: str) -> Path:
    """The path that a person wrote. Raises `UsageError` where it is empty: it would mean the folder one is in."""
    if not text.strip():
        raise UsageError("a path is empty: name a file or folder, or '.' for the folder you are in")
    return Path(text)


def _list(path: Path, listing: Listing, reached: set[str]) -> None:
    source = shown_name(path)
    if os.path.isfile(path):  # noqa: PTH113 (`Path.is_file` raises for a name that is too long)
        reached.add(os.path.realpath(path))
        listing.images.append(ImageFile(source, path, None))
    elif os.path.isdir(path):  # noqa: PTH112
        _list_folder(path, source, listing, reached)
    else:
        there = os.path.exists(path)  # noqa: PTH110
        what = "is a pipe or a device, not" if there else "there is no"
        said = f"'{source}' {what} a file or folder" if there else f"{what} file or folder '{source}'"
        raise NotFoundError(f"{said}: check the path")


def _list_folder(folder: Path, source: str, listing: Listing, reached: set[str]) -> None:
    unreadable: list[ImageFile] = []

    def tell(inside: Path, error: OSError) -> None:
        said = f"folder {shown_name(inside)} cannot be searched ({error.strerror}): check its permissions"
        unreadable.append(ImageFile(source, inside, None, said))

    found = _each_once(_walk(folder, tell))
    images = [one for one in found if _is_image_name(one.path) and one.path.is_file()]
    fresh = [one for one in found if one.real not in reached]
    unread = Counter(one.path.suffix.lower() for one in fresh if why_unread(one.path.suffix))
    if not images and not unreadable:
        others = "".join(f"; {line}" for line in unread_files(unread))
        raise NotFoundError(f"folder '{source}' holds no image: check the path, or name the files themselves{others}")
    files = [ImageFile(source, one.path, _label(one.path, folder)) for one in images if one.real not in reached]
    listing.images.extend(files + unreadable)
    listing.unread.update(unread)
    reached.update(one.real for one in found)


def _label(path: Path, folder: Path) -> str | None:
    return None if path.parent == folder else shown_name(path.parent.name)


def _each_once(found: Iterator[_FileInFolder]) -> list[_FileInFolder]:
    """Sorted by path; of several ways to one file the first without links, else the first."""
    ways: dict[str, _FileInFolder] = {}
    for one in sorted(found, key=lambda one: (one.linked, one.path)):
        ways.setdefault(one.real, one)
    return sorted(ways.values())


def _walk(folder: Path, tell: Callable[[Path, OSError], None]) -> Iterator[_FileInFolder]:
    """Every file below a folder that is not hidden, linked folders last. `tell` hears of what cannot be searched."""
    ahead: deque[tuple[Path, bool]] = deque([(folder, False)])
    entered: set[str] = set()
    while ahead:
        inside, linked = ahead.popleft()
        real = os.path.realpath(inside)
        if real in entered:
            continue
        entered.add(real)
        for entry in _entries(inside, tell):
            path, is_link = Path(inside, entry.name), entry.is_symlink()
            if os.path.isdir(path) if is_link else entry.is_dir():  # noqa: PTH112 (a loop of links raises otherwise)
                (ahead.append if is_link else ahead.appendleft)((path, linked or is_link))
            else:
                file = os.path.realpath(path) if is_link else str(Path(real, entry.name))
                yield _FileInFolder(path, linked or is_link, file)


def _entries(folder: Path, tell: Callable[[Path, OSError], None]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        tell(folder, error)
        return []


def _is_image_name(path: Path) -> bool:
    return path.suffix.lower() in extensions() or is_idx_images(path)
