"""Opens the store that an address names. Another database is one more case here, and a folder beside `sqlite/`."""

from __future__ import annotations

from pathlib import Path

from identity.core.errors import UsageError
from identity.store.sql import SqlStore


def open_store(url: str, *, command: str = "identity", timeout_s: float = 10.0) -> SqlStore:
    """Open the store at `url`, creating or upgrading it where needed; `command` is how others see this writer.

    Raises `UsageError` for an address of no known database, `StoreError` where it cannot be used, `StoreBusyError`
    where another program writes for longer than `timeout_s`.
    """
    match _scheme(url):
        case "sqlite":
            from identity.store.sqlite.database import Database

            return SqlStore(Database.open(url, timeout_s=timeout_s, command=command))
        case "postgresql":
            _require_driver()
            from identity.store.postgres.database import PostgresDatabase

            return SqlStore(PostgresDatabase.open(url, timeout_s=timeout_s, command=command))
        case _:
            raise _unknown_database(url)


def restore_store(path: Path, url: str, *, timeout_s: float = 10.0) -> None:
    """Make the store at `url` what the backup `path` is; what was in it is gone.

    Raises `NotFoundError` without a backup there, `StoreError` where it is damaged, newer than this program, or no
    backup of ours, `StoreBusyError` where others keep working with the store.
    """
    match _scheme(url):
        case "sqlite":
            from identity.store.sqlite.backup import restore

            restore(path, url, timeout_s=timeout_s)
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
