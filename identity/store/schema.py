"""The schema's revision and its migrations: what every database is brought to, and what is said of one that is ahead.

Alembic (0.75 s) is imported only where there is something to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, MetaData

from identity.core.errors import StoreError, UnfinishedCopyError

if TYPE_CHECKING:
    from alembic.config import Config

REVISION = "0011"  # the newest file in migrations/versions; a test holds them together
UNFINISHED_COPY = f"copying-{REVISION}"  # in its place while the rows of another database are being copied in


def config() -> Config:
    """Alembic's settings, found from wherever the program was started."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(_scripts()).replace("%", "%%"))
    return made


def upgrade(connection: Connection, found: str | None) -> None:
    """Bring a schema of the revision `found` to `REVISION`, and seal its galleries anew, in the caller's transaction.

    Raises `StoreError` where it is newer than the program.
    """
    from alembic import command

    require_known(found)
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, REVISION)
    _seal(connection)


def require_known(found: str | None) -> None:
    """Raise `StoreError` for a schema that only a newer program knows, or a database that is not whole."""
    from alembic.script import ScriptDirectory

    require_whole(found)
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"the database has schema {found}, but this program reads schemas only up to {REVISION}: "
            "install the newer version of identity that wrote it, or choose another --home"
        )


def require_whole(found: str | None) -> None:
    """Raise `UnfinishedCopyError` for a database that holds a part of another one."""
    if found is not None and found.startswith(UNFINISHED_COPY.partition("-")[0]):
        raise UnfinishedCopyError(
            "the database is an unfinished copy of another one: run 'identity database copy' with the same two "
            "addresses to finish it, or remove it"
        )


def all_tables() -> MetaData:
    """Every table of the store."""
    from identity.store import cluster_tables, decision_tables, file_tables, integrity_tables, reembedding_tables  # noqa: F401 (of the same metadata)
    from identity.store.tables import metadata

    return metadata


def _seal(connection: Connection) -> None:
    """Seal every gallery anew: its rows may have other columns than before."""
    from identity.store import sealed_rows, seals
    from identity.store.galleries import records

    for gallery in records(connection):
        seals.put(connection, gallery, sealed_rows.everything(gallery))


def _scripts() -> Path:
    package = Path(__file__).parents[1]
    inside = package / "migrations"  # in a wheel; beside the package in a checkout
    return inside if inside.is_dir() else package.parent / "migrations"
