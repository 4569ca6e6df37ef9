"""What the two databases do each in its own way: the last ids that they gave, and to be emptied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType

from sqlalchemy import Connection, Table


def last_ids(connection: Connection, tables: Sequence[Table]) -> dict[str, int]:
    """The largest id that a row of each table ever had, by the table's name; 0 where there was none."""
    ids: dict[str, int] = _room(connection).last_ids(connection, tables)
    return ids


def put_last_ids(connection: Connection, ids: Mapping[str, int]) -> None:
    """Let the next id of each table be larger than this."""
    _room(connection).put_last_ids(connection, ids)


def empty(connection: Connection, tables: Sequence[Table]) -> None:
    """Delete every row of tables that come owners first."""
    _room(connection).empty(connection, tables)


def _room(connection: Connection) -> ModuleType:
    match connection.dialect.name:
        case "postgresql":
            from identity.store.postgres import moving as postgres

            return postgres
        case _:
            from identity.store.sqlite import moving as sqlite

            return sqlite
