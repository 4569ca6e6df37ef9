"""What a program did to files, as the replay needs it; paths are relative to the folder that is watched."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Opened:
    """A file was opened for writing: made where it was not there, emptied where that was asked."""

    path: str
    create: bool
    empty: bool


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes at an offset; None means where the writing before ended, which the log always resolves."""

    path: str
    offset: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A file got another length."""

    path: str
    length: int


@dataclass(frozen=True, slots=True)
class FolderMade:
    """A new folder."""

    path: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """Another name, in place of what had it."""

    path: str
    to: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A name that is gone."""

    path: str


@dataclass(frozen=True, slots=True)
class Synced:
    """`fsync` or `fdatasync` of a file or folder returned."""

    path: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A command ended and said that it was done."""

    command: str


Operation = Opened | Written | Cut | FolderMade | Renamed | Removed | Synced | Acknowledged
