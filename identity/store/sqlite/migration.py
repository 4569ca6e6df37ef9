"""Brings a database's schema to the revision this program was written for, and refuses one that is ahead of it.

The revision is read by SQL, so that Alembic (0.75 s) is imported only where there is something to do. A database
that holds something is copied first. The whole upgrade is one transaction under the write lock.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text

from identity.core.errors import StoreError
from identity.store.sqlite import engine as sqlite

if TYPE_CHECKING:
    from alembic.config import Config

REVISION = "0009"  # the newest file in migrations/versions; a test holds them together


def bring_up_to_date(path: Path, engine: Engine, *, timeout_s: float) -> None:
    """Create or upgrade the schema where it is not at `REVISION`.

    Raises `StoreError` where the database is newer than the program.
    """
    with engine.connect() as connection, connection.begin():
        if revision(connection) == REVISION:
            return
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


def config() -> Config:
    """Alembic's settings, found from wherever the program was started."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(_scripts()).replace("%", "%%"))
    return made


def _upgrade(path: Path, connection: Connection) -> None:
    found = revision(connection)  # once more: another program may have upgraded it while we waited for the lock
    if found not in {None, REVISION}:
        from identity.store.sqlite import copying

        require_known(found)
        copying.copy(path, path.with_name(f"{path.name}.before-{REVISION}.bak"))
    upgrade(connection)


def upgrade(connection: Connection) -> None:
    """Bring a schema to `REVISION` in the transaction that has begun.

    Raises `StoreError` where it is newer than the program, or rows would be lost.
    """
    found = revision(connection)
    if found == REVISION:
        return
    from alembic import command

    require_known(found)
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, REVISION)
    _seal(connection)
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise StoreError(
            f"the database cannot be upgraded to schema {REVISION}: restore a backup, and report this problem"
        )


def _seal(connection: Connection) -> None:
    """Seal every gallery anew: its rows may have other columns than before."""
    from identity.store import sealed_rows, seals
    from identity.store.galleries import records

    for gallery in records(connection):
        seals.put(connection, gallery, sealed_rows.everything(gallery))


def require_tables(connection: Connection) -> None:
    """Raise `StoreError` unless every table is there with every column that this program reads."""
    from identity.store import cluster_tables, decision_tables, file_tables, integrity_tables, reembedding_tables  # noqa: F401 (of the same metadata)
    from identity.store.tables import metadata

    for table in metadata.sorted_tables:
        there = {str(row[1]) for row in connection.exec_driver_sql(f"PRAGMA table_info({table.name})")}
        missing = {column.name for column in table.columns} - there
        if missing:
            raise StoreError(f"the table '{table.name}' has no column {sorted(missing)[0]}: restore another backup")


def require_known(found: str | None) -> None:
    """Raise `StoreError` for a schema that only a newer program knows."""
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"the database has schema {found}, but this program reads schemas only up to {REVISION}: "
            "install the newer version of identity that wrote it, or choose another --home"
        )


def _scripts() -> Path:
    package = Path(__file__).parents[2]
    inside = package / "migrations"  # in a wheel; beside the package in a checkout
    return inside if inside.is_dir() else package.parent / "migrations"
