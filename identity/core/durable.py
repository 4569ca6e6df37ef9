"""Puts on the disk what must survive a power cut: a file's content first, then its name, then the folder that lists it.

Whoever says "written" has called one of these. A name that was only renamed is lost with the power, and a name whose
content was not synced may come back empty.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from identity.core.errors import StoreError, UsageError
from identity.core.unfinished import beside

OLD = "old"  # what a folder that steps aside is called until the new one is on the disk


def sync_file(path: Path) -> None:
    """Wait until the content of a file is on the disk."""
    _sync(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    if os.name != "nt":  # folders cannot be opened there; the rename itself is journalled
        _sync(folder, os.O_RDONLY)


def sync_tree(folder: Path) -> None:
    """Wait until a folder is on the disk with all that it holds."""
    for path in folder.rglob("*"):
        if path.is_dir():
            sync_folder(path)
        elif path.is_file():
            sync_file(path)
    sync_folder(folder)


def make_folder(folder: Path, *, mode: int = 0o700) -> None:
    """Make a folder and those above it that are missing, on the disk when this returns; what is there stays."""
    if folder.is_dir():
        return
    if not folder.parent.exists():
        make_folder(folder.parent, mode=mode)
    folder.mkdir(mode=mode, exist_ok=True)
    sync_folder(folder.parent)


def require_plain(target: Path) -> None:
    """Raise `UsageError` where a link, folder, pipe or device has the name: it is not written to, nor replaced.

    Raises `StoreError` where that cannot be seen.
    """
    try:
        mode = target.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError) as error:
        raise StoreError(f"{target} cannot be written ({error}): choose another file") from error
    if stat.S_ISLNK(mode):
        raise UsageError(f"{target} is a symbolic link: give the path of the file itself")
    if not stat.S_ISREG(mode):
        raise UsageError(f"{target} is not a file: choose the name of a new file")


def replace_durably(temporary: Path, final: Path) -> None:
    """Give a finished file, in the same folder, its final name, in place of what had it; on the disk on return."""
    sync_file(temporary)
    temporary.replace(final)
    sync_folder(final.parent)


def replace_folder_durably(temporary: Path, final: Path) -> None:
    """Give a finished folder its final name. One that has it steps aside first, and goes when the new one is kept.

    A program that is killed between leaves the old one beside `final`, ending in `OLD`.
    """
    sync_tree(temporary)
    aside = beside(final, OLD) if final.exists() else None
    if aside is not None:
        final.rename(aside)
    try:
        temporary.rename(final)
    except OSError:
        if aside is not None:
            aside.rename(final)
        raise
    sync_folder(final.parent)
    if aside is not None:
        delete_for_good(aside)


def delete_for_good(folder: Path) -> None:
    """Delete a folder and wait until its name is gone from the disk; what cannot be deleted stays.

    One that is only deleted may be there again after a power cut, and would be taken for the only copy that is left
    once the folder that took its place is gone.
    """
    shutil.rmtree(folder, ignore_errors=True)
    sync_folder(folder.parent)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
