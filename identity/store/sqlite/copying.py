"""Copies a SQLite file as a whole, through SQLite: never byte by byte, which forgets a live -wal.

`VACUUM INTO` reads in one transaction, so the copy is one moment however many programs write meanwhile (the backup
API begins again with every commit of theirs), and it writes only what is there: deleted bytes are left behind.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from identity.core import unfinished
from identity.core.durable import replace_durably, require_plain
from identity.core.errors import StoreBusyError, StoreError
from identity.core.stopping import STOPPING
from identity.store.sqlite import backup_seal

_PAGES = 4096  # per step: 64 MB
_STEPS = 10_000  # of SQLite's virtual machine between two looks whether to stop


def copy(path: Path, target: Path) -> None:
    """Write the database `path`, as its last commit left it, to the file `target` (0600, whole or not at all).

    It is on the disk on return. Raises `UsageError` where `target` is no plain file, `StoreError` where the database
    cannot be read or the copy cannot be written.
    """
    require_plain(target)
    partial = unfinished.beside(target)
    unfinished.sweep(target)
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as source:
            vacuum_into(source, partial)
        backup_seal.put(partial)
        replace_durably(partial, target)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"{path} cannot be copied to {target} ({error}): choose a folder that has room and that you may write to"
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def vacuum_into(source: sqlite3.Connection, target: Path) -> None:
    """Write what `source` holds, as one transaction sees it, to the new file `target` (0600), not synced."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    STOPPING.check()
    source.set_progress_handler(lambda: STOPPING.asked, _STEPS)
    try:
        source.execute("VACUUM INTO CAST(? AS TEXT)", (os.fsencode(target.absolute()),))  # names need not be UTF-8
    except sqlite3.OperationalError:
        STOPPING.check()
        raise


def overwrite(path: Path, target: Path, *, timeout_s: float) -> None:
    """Make `target`, a database others may have open, what `path` is, in one transaction of its own.

    Raises `StoreBusyError` where the others do not let go of it within `timeout_s`.
    """
    deadline_s = time.monotonic() + timeout_s

    def waiting(status: int, _remaining: int, _total: int) -> None:
        STOPPING.check()
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > deadline_s:
            raise StoreBusyError(f"{target} is in use: stop the programs that work with it, then restore")

    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target, timeout=0)) as written:
        written.execute("PRAGMA synchronous=FULL")
        source.backup(written, pages=_PAGES, progress=waiting, sleep=0.05)
