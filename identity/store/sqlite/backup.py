"""The return of a backup, while other programs may be working with the database, and the check that it is one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from identity.core.errors import NotFoundError, StoreError
from identity.store.sqlite import copying, migration
from identity.store.sqlite import engine as sqlite
from identity.store.sqlite.address import path_of


def restore(path: Path, database_url: str, *, timeout_s: float = 10.0) -> None:
    """Make the database at `database_url` what the backup `path` is; what was in it is gone.

    Raises `NotFoundError` without a backup there, `StoreError` where it is damaged or no backup of ours, or the
    database cannot be written, `StoreBusyError` where others keep working with the database.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no backup {path}: check the path")
    require_sound(path)
    target = path_of(database_url)
    sqlite.create_file(target)
    try:
        sqlite.prepare(target, timeout_s=timeout_s)
        copying.overwrite(path, target, timeout_s=timeout_s)
    except sqlite3.Error as error:
        raise StoreError(
            f"{target} cannot be restored ({error}): move it and its -wal file to another folder, then restore again"
        ) from error


def require_sound(path: Path) -> None:
    """Raise `StoreError` unless the file is an identity database, whole, and of a schema that this program knows."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            sound = connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{path} is not a backup of an identity database: choose another file") from error
    if not sound:
        raise StoreError(f"the backup {path} is damaged: choose another backup")
    if revision != (migration.REVISION,):
        migration.require_known(revision[0] if revision else None)
