"""Opens the store that an address names. Another database is one more case here, and a folder beside `sqlite/`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from identity.core.errors import UsageError
from identity.store.sql import SqlStore

if TYPE_CHECKING:
    from identity.store.postgres.database import PostgresDatabase
    from identity.store.sqlite.database import Database
    from identity.store.transactions import SqlDatabase


def open_store(url: str, *, command: str = "identity", timeout_s: float = 10.0) -> SqlStore:
    """Open the store at `url`, creating or upgrading it where needed; `command` is how others see this writer.

    Raises `UsageError` for an address of no known database, `StoreError` where it cannot be used, `StoreBusyError`
    where another program writes for longer than `timeout_s`.
    """
    return SqlStore(_database_class(url).open(url, timeout_s=timeout_s, command=command))


def open_database(url: str, *, command: str = "identity", timeout_s: float = 10.0) -> SqlDatabase:
    """Open what lies below the store at `url`. Raises as `open_store`."""
    return _database_class(url).open(url, timeout_s=timeout_s, command=command)


def open_as_found(url: str, *, command: str = "identity", timeout_s: float = 10.0) -> tuple[SqlDatabase, str | None]:
    """Open the database at `url` as it is, whole or not, and say its schema's revision, None where it has none.

    Raises `NotFoundError` where a file is not there, else as `open_store`.
    """
    return _database_class(url).open_as_found(url, timeout_s=timeout_s, command=command)


def _database_class(url: str) -> type[Database] | type[PostgresDatabase]:
    match _scheme(url):
        case "sqlite":
            from identity.store.sqlite.database import Database

            return Database
        case "postgresql":
            _require_driver()
            from identity.store.postgres.database import PostgresDatabase

            return PostgresDatabase
        case _:
            raise _unknown_database(url)


def canonical(url: str) -> str:
    """The address of a database as all its spellings have it that can be told without asking it; it may be secret."""
    match _scheme(url):
        case "sqlite":
            from identity.store.sqlite.address import path_of

            return str(path_of(url).resolve())
        case "postgresql":
            _require_driver()
            from identity.store.postgres.address import address_of

            return address_of(url)._replace(password=None).render_as_string()
        case _:
            raise _unknown_database(url)


def restore_store(path: Path, url: str, *, timeout_s: float = 10.0) -> None:
    """Make the store at `url` what the backup `path` is; what was in it is gone.

    Raises `NotFoundError` without a backup there, `StoreError` where it is damaged, newer than this program, or no
    backup of ours, `StoreBusyError` where others keep working with the store.
    """
    from identity.store.sqlite.backup import restore

    require_restorable(url, path)
    restore(path, url, timeout_s=timeout_s)


def require_restorable(url: str, path: Path) -> None:
    """Raise `UsageError` for a database that a backup of ours cannot replace, with what does it there."""
    match _scheme(url):
        case "sqlite":
            return
        case "postgresql":
            raise UsageError(
                f"a PostgreSQL database is restored by its server: run 'pg_restore --clean --if-exists' with {path} "
                "that pg_dump wrote, or read a gallery with 'identity import bundle'"
            )
        case _:
            raise _unknown_database(url)


def _scheme(url: str) -> str:
    """What stands before the colon, without the driver: `postgresql` of `postgresql+psycopg://host/name`."""
    return url.partition(":")[0].partition("+")[0]


def _unknown_database(url: str) -> UsageError:
    scheme, separator, _ = url.partition("://")
    named = f"'{scheme}://...'" if separator else f"'{url}'"  # what follows may hold a password
    return UsageError(
        f"{named} is not a database that this program supports: write sqlite:////absolute/path/identity.db "
        "or postgresql://user@host/database"
    )


def _require_driver() -> None:
    try:
        import psycopg  # noqa: F401 (only whether it is there)
    except ImportError as error:
        raise UsageError(
            f"PostgreSQL needs the driver psycopg ({error}): install it with pip install 'identity-search[postgres]'"
        ) from error
