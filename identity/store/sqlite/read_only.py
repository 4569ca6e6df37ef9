"""Opens a database that cannot be written (a read-only home, a full disk), so that what is there still answers.

Nothing is written, not even the files that SQLite keeps beside a database. A file without a log beside it is read as
one that nobody changes (`immutable`), because nobody can.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from identity.store import schema
from identity.store.sqlite import engine as sqlite
from identity.store.sqlite import migration


def engine(path: Path, *, timeout_s: float) -> Engine | None:
    """An engine that only reads; None where the file cannot be read, or has another schema than this program's."""
    for address in _addresses(path):
        opened = sqlite.engine(path, timeout_s=timeout_s, address=address)
        try:
            with opened.connect() as connection, connection.begin():
                if migration.revision(connection) == schema.REVISION:
                    return opened
        except (DBAPIError, sqlite3.Error):
            pass  # the next address, or None, is the answer
        opened.dispose()
    return None


def _addresses(path: Path) -> Iterator[str]:
    if not path.is_file():
        return
    yield f"{path.as_uri()}?mode=ro"
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or not log.stat().st_size:
        yield f"{path.as_uri()}?mode=ro&immutable=1"
