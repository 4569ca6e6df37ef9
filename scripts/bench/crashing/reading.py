"""Reads the tables of a home with plain SQL and nothing of the program: of a SQLite file, or of a PostgreSQL server."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

Database = Path | str  # a SQLite file, or the address of a PostgreSQL database
Select = Callable[..., list[tuple[Any, ...]]]  # SQL with a `?` for each value that follows
STARTS_S = 30  # a server that was killed is there again by then
_VECTORS = ("v.vector,", "vector_send(v.vector),")  # of pgvector: its binary form instead of words


@contextmanager
def reading(database: Database) -> Iterator[Select]:
    """SELECTs of one moment."""
    if isinstance(database, Path):
        with closing(sqlite3.connect(database, timeout=20, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            yield lambda sql, *values: connection.execute(sql, values).fetchall()
        return
    import psycopg

    with closing(_connected(database)) as served:
        served.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        yield lambda sql, *values: served.execute(_for_server(sql), values).fetchall()


def went(database: Database) -> tuple[type[Exception], ...]:
    """The errors of a server that goes while it is read; a file does not go."""
    if isinstance(database, Path):
        return ()
    import psycopg

    return (psycopg.OperationalError,)


def _for_server(sql: str) -> Any:
    return sql.replace(*_VECTORS).replace("?", "%s")


def _connected(address: str) -> Any:
    import psycopg

    deadline_s = time.monotonic() + STARTS_S
    while True:
        try:
            return psycopg.connect(address, options="-c search_path=identity,public")
        except psycopg.OperationalError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.05)


def little_endian(database: Database, vector: bytes) -> bytes:
    """A vector's bytes as SQLite keeps them, (dim,) float32."""
    return vector if isinstance(database, Path) else np.frombuffer(vector, ">f4", offset=4).astype("<f4").tobytes()


def settled(address: str, *, within_s: float = 30.0) -> str | None:
    """Wait until nobody else is at work in a server's database: who was killed may still be writing there.

    Who still is, if so.
    """
    others = (
        "SELECT application_name, state, query FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    deadline_s = time.monotonic() + within_s
    while True:
        with reading(address) as select:
            left = select(others)
        if not left:
            return None
        if time.monotonic() > deadline_s:
            return f"still at work {within_s} s after it was killed: {left[0]}"
        time.sleep(0.02)
