"""How SQLite is to be opened here: write-ahead log, every commit on the disk, deleted bytes overwritten.

The driver's own transaction handling is switched off (with it, DDL survives a rollback) and the connection begins
its transactions itself: a writer takes the lock at once, so it never fails in the middle for want of it.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event

from identity.core.durable import make_folder, sync_folder
from identity.core.errors import StoreError

WRITES = "identity_writes"  # execution option: begin with the write lock
_PRAGMAS = ("synchronous=FULL", "secure_delete=ON")
_RETRY_S = 0.02


def create_file(path: Path) -> None:
    """Make an empty file only its owner can read (0600), in a folder only its owner can enter (0700).

    What exists stays as it is. Raises `StoreError` where the place cannot be entered or written.
    """
    try:
        if path.exists():
            return
        make_folder(path.parent)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        sync_folder(path.parent)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be opened or created ({error.strerror}): choose a --home that you can write to"
        ) from error


def prepare(path: Path, *, timeout_s: float) -> int:
    """Give a database its page size (bytes, returned) and its write-ahead log, which it keeps from then on.

    Raises `StoreError` where it holds another program's tables; such a file stays as it is, to the byte.
    """
    with closing(sqlite3.connect(path, timeout=timeout_s, isolation_level=None)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if tables and "alembic_version" not in tables:
            raise StoreError(f"{path} belongs to another program: choose another --home or --database")
        if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            connection.execute("PRAGMA page_size=16384")  # before the first write: 2 kB vectors fit without waste
            _set_wal(connection, deadline_s=time.monotonic() + timeout_s)
        return int(connection.execute("PRAGMA page_size").fetchone()[0])


def _set_wal(connection: sqlite3.Connection, *, deadline_s: float) -> None:
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:  # SQLite does not wait here on its own
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline_s:
                raise
            time.sleep(_RETRY_S)
        else:
            return


def engine(path: Path, *, timeout_s: float, references: str = "ON", address: str | None = None) -> Engine:
    """An engine on a file; `references="OFF"` is for migrations alone, where dropping a table must not cascade.

    `address` is a URI of the file that says how it is to be opened, where that is not as usual.
    """
    usual: dict[str, object] = {"timeout": timeout_s}
    connect_args = usual if address is None else usual | {"uri": True}
    made = create_engine(URL.create("sqlite", database=str(path)), connect_args=connect_args)
    if address is not None:
        event.listen(made, "do_connect", lambda _dialect, _record, given, _named: given.__setitem__(0, address))
    pragmas = (*_PRAGMAS, f"foreign_keys={references}")

    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    event.listen(made, "connect", configure)
    event.listen(made, "begin", _begin)
    return made


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
