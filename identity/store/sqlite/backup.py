"""The return of a backup, while other programs may be working with the database.

The backup is only read. A private copy beside the database is examined, brought to this program's schema and made to
forget its index files; then it takes the database's place in one transaction. Until that is committed, the database
is what it was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from identity.core import unfinished
from identity.core.errors import StoreError
from identity.store import restored
from identity.store.sqlite import backup_seal, copying, migration
from identity.store.sqlite import engine as sqlite
from identity.store.sqlite.address import path_of
from identity.store.sqlite.backup_file import damaged, open_backup, require_sound

_DAMAGE = (SQLAlchemyError, sqlite3.Error, ValueError, TypeError, LookupError)  # what trusting wrong bytes ends in

_DISK = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")


def restore(path: Path, database_url: str, *, timeout_s: float = 10.0) -> None:
    """Make the database at `database_url` what the backup `path` is; what was in it is gone.

    Raises `NotFoundError` without a backup there, `StoreError` where it is damaged or no backup of ours, or the
    database cannot be written, `StoreBusyError` where others keep working with the database.
    """
    require_sound(path)
    target = path_of(database_url)
    sqlite.create_file(target)
    unfinished.sweep(target)
    try:
        page_bytes = sqlite.prepare(target, timeout_s=timeout_s)
        with _private_copy(path, target, page_bytes=page_bytes) as copied:
            copying.overwrite(copied, target, timeout_s=timeout_s)
    except sqlite3.Error as error:
        raise StoreError(
            f"{target} cannot be restored ({error}): move it and its -wal file to another folder, then restore again"
        ) from error


@contextmanager
def _private_copy(path: Path, target: Path, *, page_bytes: int) -> Iterator[Path]:
    """The backup's content in a file beside `target`, ready to take its place; gone when the block ends."""
    copied = unfinished.beside(target)
    try:
        _copy_in(path, copied)
        _make_usable(path, copied, page_bytes=page_bytes)
        yield copied
    finally:
        for left in (copied, copied.with_name(f"{copied.name}-journal")):
            with suppress(OSError):
                left.unlink(missing_ok=True)


def _copy_in(path: Path, copied: Path) -> None:
    try:
        with closing(open_backup(path)) as source:
            copying.vacuum_into(source, copied)
    except (sqlite3.Error, UnicodeError) as error:
        raise _failure(path, copied, error) from error
    except OSError as error:
        raise StoreError(
            f"{copied.parent} cannot be written ({error.strerror}): get write permission, or free some disk space"
        ) from error


def _make_usable(path: Path, copied: Path, *, page_bytes: int) -> None:
    """Bring a private copy to today's schema, and let it forget what is only true of the home it came from."""
    engine = sqlite.engine(copied, timeout_s=0, references="OFF")
    try:
        with engine.connect().execution_options(**{sqlite.WRITES: True}) as connection, connection.begin():
            migration.upgrade(connection)
            migration.require_tables(connection)
            restored.begin_anew(connection)
        with closing(sqlite3.connect(copied, isolation_level=None)) as unsealed:
            backup_seal.drop(unsealed)
            if unsealed.execute("PRAGMA page_size").fetchone() != (page_bytes,):  # a database keeps its own
                unsealed.execute(f"PRAGMA page_size = {page_bytes}")
                unsealed.execute("VACUUM")
    except _DAMAGE as error:
        raise _failure(path, copied, error) from error
    finally:
        engine.dispose()


def _failure(path: Path, copied: Path, error: Exception) -> StoreError:
    cause = getattr(error, "orig", None) or error  # the driver's own words, not a page about them
    if getattr(cause, "sqlite_errorname", "").startswith(_DISK):
        return StoreError(f"{path} cannot be copied to {copied.parent} ({cause}): free some disk space there")
    return damaged(path)
