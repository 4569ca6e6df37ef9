"""What a copy of a whole database asks of SQLite alone: the last ids it gave, and to be emptied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table, delete, text


def last_ids(connection: Connection, tables: Sequence[Table]) -> dict[str, int]:
    """The largest id that a row of each table ever had, by the table's name; 0 where there was none."""
    given: dict[str, int] = dict(connection.execute(text("SELECT name, seq FROM sqlite_sequence")).all())
    return {table.name: int(given.get(table.name) or 0) for table in tables}


def put_last_ids(connection: Connection, ids: Mapping[str, int]) -> None:
    """Let the next id of each table be larger than this."""
    for name, last in ids.items():
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
        put = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)")
        connection.execute(put, {"name": name, "last": last})


def empty(connection: Connection, tables: Sequence[Table]) -> None:
    """Delete every row of tables that come owners first."""
    for table in reversed(tables):
        connection.execute(delete(table))
