"""What a copy of a whole database asks of PostgreSQL alone: the last ids it gave, and to be emptied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table, func, select, text


def last_ids(connection: Connection, tables: Sequence[Table]) -> dict[str, int]:
    """The largest id that a row of each table ever had, by the table's name; 0 where there was none."""
    return {table.name: _last_id(connection, table) for table in tables}


def put_last_ids(connection: Connection, ids: Mapping[str, int]) -> None:
    """Let the next id of each table be larger than this."""
    put = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), greatest(:last, 1), :last > 0)")
    for name, last in ids.items():
        connection.execute(put, {"name": name, "last": last})


def empty(connection: Connection, tables: Sequence[Table]) -> None:
    """Delete every row of the tables."""
    shown = connection.dialect.identifier_preparer.format_table
    connection.execute(text(f"TRUNCATE {', '.join(shown(table) for table in tables)}"))


def _last_id(connection: Connection, table: Table) -> int:
    sequence = connection.execute(select(func.pg_get_serial_sequence(table.name, "id"))).scalar_one()
    last, given = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608 (quoted)
    return int(last if given else last - 1)
