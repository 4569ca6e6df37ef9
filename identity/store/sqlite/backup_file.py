"""A backup as a file somebody names: how it is opened without leaving a trace, and the check that it is one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from identity.core.errors import NotFoundError, StoreError, UsageError
from identity.store import schema
from identity.store.sqlite import backup_seal

_CANNOT_READ = ("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_IOERR", "SQLITE_BUSY")


def open_backup(path: Path) -> sqlite3.Connection:
    """Read a database file and write nothing, neither to it nor beside it.

    One with a log beside it is no finished backup but a database: its log is read with it, as SQLite does that.
    """
    logs = (path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-journal"))
    live = any(log.exists() and log.stat().st_size for log in logs)
    address = f"{path.absolute().as_uri()}?mode=ro{'' if live else '&immutable=1'}"
    connection = sqlite3.connect(address, uri=True, isolation_level=None)
    connection.text_factory = bytes  # what damage makes of a text need not be UTF-8
    return connection


def require_sound(path: Path) -> None:
    """Raise `StoreError` unless the file is an identity database, whole, and of a schema that this program knows.

    Raises `NotFoundError` where there is no such file.
    """
    found = require_ours(path)
    try:
        broken = backup_seal.is_broken(path)
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    if broken or not _is_sound(path):
        raise damaged(path)
    if found != schema.REVISION:
        schema.require_known(found)


def require_ours(path: Path) -> str | None:
    """The schema's revision. Raises `StoreError` where it is no identity database, or that cannot be read."""
    try:
        if not path.is_file():
            raise NotFoundError(f"there is no backup {path}: check the path")
        with path.open("rb") as file:
            if file.read(len(backup_seal.MAGIC)) != backup_seal.MAGIC:
                raise _not_ours(path)
        with closing(open_backup(path)) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    except sqlite3.Error as error:
        raise _named(path, error) from error
    except UnicodeError as error:  # of SQLite's own words about a damaged schema
        raise damaged(path) from error
    if row is None or not isinstance(row[0], bytes):
        raise damaged(path)
    return row[0].decode(errors="backslashreplace")


def require_replaceable(path: Path, *, database: Path) -> None:
    """Raise `StoreError` unless the file is a backup, `UsageError` where it is a database that somebody works with."""
    in_use = path.with_name(f"{path.name}-wal").exists() or path.with_name(f"{path.name}-shm").exists()
    if in_use or path.samefile(database):
        raise UsageError(f"{path} is a database, not a backup: choose the name of a new file")
    found = require_ours(path)
    if found != schema.REVISION:
        schema.require_known(found)


def damaged(path: Path) -> StoreError:
    """The error for a backup whose bytes are not what was written."""
    return StoreError(f"the backup {path} is damaged: choose another backup")


def _is_sound(path: Path) -> bool:
    try:
        with closing(open_backup(path)) as connection:
            return bool(connection.execute("PRAGMA quick_check").fetchone() == (b"ok",))
    except (sqlite3.Error, UnicodeError):
        return False


def _named(path: Path, error: sqlite3.Error) -> StoreError:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(_CANNOT_READ):
        return _unreadable(path, str(error))
    if name.startswith("SQLITE_CORRUPT"):
        return damaged(path)
    return _not_ours(path)


def _unreadable(path: Path, cause: str) -> StoreError:
    return StoreError(f"the backup {path} cannot be read ({cause}): check its permissions and those of its folder")


def _not_ours(path: Path) -> StoreError:
    return StoreError(f"{path} is not a backup of an identity database: choose another file")
