"""Copies a SQLite file as a whole, through SQLite's backup API: never file by file, which forgets a live -wal."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from identity.core.errors import StoreBusyError, StoreError

_PAGES = 4096  # per step: 64 MB


def copy(path: Path, target: Path) -> None:
    """Write the database `path`, as its last commit left it, to the new file `target` (0600, whole or not at all).

    Raises `StoreError` where it cannot be read or the copy cannot be written.
    """
    partial = target.with_name(target.name + ".partial")
    try:
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(partial)) as copied:
            source.backup(copied, pages=_PAGES)
        partial.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"{path} cannot be copied to {target} ({error}): choose a folder with enough free space"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def overwrite(path: Path, target: Path, *, timeout_s: float) -> None:
    """Make `target`, a database others may have open, what `path` is, in one transaction of its own.

    Raises `StoreBusyError` where the others do not let go of it within `timeout_s`.
    """
    deadline_s = time.monotonic() + timeout_s

    def waiting(status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > deadline_s:
            raise StoreBusyError(f"{target} is in use: stop the programs that work with it, then restore")

    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as written:
        source.backup(written, pages=_PAGES, progress=waiting, sleep=0.05)
