"""Puts a finished model folder in its place, whole or not at all, and cleans up after programs that were killed at it.

What is not in its place is hidden beside it: `new` while it is filled, `old` while it steps aside for another, and
`removed` while it is deleted. An `old` one whose successor never arrived goes back.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from identity.core.durable import OLD, delete_for_good, make_folder, replace_folder_durably, sync_folder
from identity.core.errors import ModelError, UsageError
from identity.core.unfinished import ABANDONED_S, abandoned, beside

NEW = "new"
REMOVED = "removed"
_EARLIER = re.compile(r"\.[a-z0-9][a-z0-9._-]*\.(old-|removed-)?[a-z0-9_]{1,8}")  # what older versions left


@contextmanager
def new_folder(home: Path, name: str) -> Iterator[Path]:
    """A folder that takes the model's place when the block ends well, and vanishes when it does not.

    It is on the disk when the block has ended. Raises `UsageError` where no folder of ours has the name.
    """
    with readable_failure(home):
        require_free(home / name)
        make_folder(home)
        clean_up(home)
        staging = beside(home / name, NEW)
        staging.mkdir(mode=0o700)
        try:
            yield staging
            replace_folder_durably(staging, home / name)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def require_free(target: Path) -> None:
    """Raise `UsageError` where a link or a file stands where a model folder is to be: it is not ours to replace."""
    if target.is_symlink():
        raise UsageError(f"{target} is a symbolic link: delete the link, then add the model again")
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file: move it to another place, then add the model again")


def discard(folder: Path) -> None:
    """Delete a model folder, first of all its name; where a link has the name, what it points to stays."""
    with readable_failure(folder.parent):
        if folder.is_symlink():
            folder.unlink()
            sync_folder(folder.parent)
            return
        away = folder.rename(beside(folder, REMOVED))
        sync_folder(folder.parent)
        shutil.rmtree(away)


def clean_up(home: Path) -> None:
    """Put back models whose replacement was interrupted, delete what else was left; what cannot be done stays."""
    for name, old in abandoned(home, OLD):
        with suppress(OSError):
            _put_back(old, home / name)
    for ending in (NEW, REMOVED):
        for _, left in abandoned(home, ending):
            shutil.rmtree(left, ignore_errors=True)
    _sweep_earlier(home)


def _put_back(old: Path, target: Path) -> None:
    if target.exists():
        delete_for_good(old)
    else:
        old.rename(target)
        sync_folder(target.parent)


def _sweep_earlier(home: Path) -> None:
    for left in home.glob(".*"):
        if _EARLIER.fullmatch(left.name) and left.is_dir() and time.time() - left.stat().st_mtime > ABANDONED_S:
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def readable_failure(home: Path) -> Iterator[None]:
    """Raise `ModelError` for what the disk refuses."""
    try:
        yield
    except OSError as error:
        raise ModelError(
            f"cannot write models in {home} ({error.strerror or error}): check the permissions and the free space"
        ) from error
