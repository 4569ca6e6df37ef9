"""Brings a SQLite file's schema to the revision this program was written for, and refuses one that is ahead of it.

A database that holds something is copied first. The whole upgrade is one transaction under the write lock.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, text

from identity.core.errors import StoreError
from identity.store import schema
from identity.store.sqlite import engine as sqlite


def bring_up_to_date(path: Path, engine: Engine, *, timeout_s: float) -> None:
    """Create or upgrade the schema where it is not at `schema.REVISION`.

    Raises `StoreError` where the database is newer than the program.
    """
    with engine.connect() as connection, connection.begin():
        found = revision(connection)
    if found == schema.REVISION:
        return
    schema.require_whole(found)
    migrating = sqlite.engine(path, timeout_s=timeout_s, references="OFF")
    try:
        with migrating.connect().execution_options(**{sqlite.WRITES: True}) as connection, connection.begin():
            _upgrade(path, connection)
    finally:
        migrating.dispose()


def revision(connection: Connection) -> str | None:
    """The schema's revision, None in an empty database."""
    there = text("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'")
    if not connection.execute(there).scalar():
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(path: Path, connection: Connection) -> None:
    found = revision(connection)  # once more: another program may have upgraded it while we waited for the lock
    if found not in {None, schema.REVISION}:
        from identity.store.sqlite import copying

        schema.require_known(found)
        copying.copy(path, path.with_name(f"{path.name}.before-{schema.REVISION}.bak"))
    upgrade(connection)


def upgrade(connection: Connection) -> None:
    """Bring a schema to `schema.REVISION` in the transaction that has begun.

    Raises `StoreError` where it is newer than the program, or rows would be lost.
    """
    found = revision(connection)
    if found == schema.REVISION:
        return
    schema.upgrade(connection, found)
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise StoreError(
            f"the database cannot be upgraded to schema {schema.REVISION}: restore a backup, and report this problem"
        )


def require_tables(connection: Connection) -> None:
    """Raise `StoreError` unless every table is there with every column that this program reads."""
    for table in schema.all_tables().sorted_tables:
        there = {str(row[1]) for row in connection.exec_driver_sql(f"PRAGMA table_info({table.name})")}
        missing = {column.name for column in table.columns} - there
        if missing:
            raise StoreError(f"the table '{table.name}' has no column {sorted(missing)[0]}: restore another backup")
