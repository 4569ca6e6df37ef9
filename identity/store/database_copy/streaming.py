"""Reads the rows of a table in the order of their keys, in portions that fit into memory, and looks at each vector."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, Row, Table, func, literal, select, tuple_

from identity.core.errors import StoreError
from identity.core.stopping import STOPPING
from identity.store.database_copy.progress import TableProgress
from identity.store.database_copy.tables import key_of
from identity.store.packed_vector import PackedVector
from identity.store.seals import MODULUS, tally

_FETCHED, _FETCHED_LARGE = 4_000, 400  # rows that the driver holds at once; of tables with pictures or vectors
_PORTION_ROWS, _PORTION_BYTES = 20_000, 8 << 20  # of one transaction
Rows = Sequence[Row[Any]]


def portions(
    connection: Connection, table: Table, place: str, *, after: Sequence[Any] = (), until: Sequence[Any] = ()
) -> Iterator[Rows]:
    """The rows of a table whose keys lie behind `after` and not behind `until`, where these are given.

    Raises `StoreError` for a vector of the database at `place` that is not what its crc32 says.
    """
    key, large = key_of(table), _large_columns(table)
    wanted = select(*table.columns).order_by(*key)
    if after:
        wanted = wanted.where(tuple_(*key) > _key(key, after))
    if until:
        wanted = wanted.where(tuple_(*key) <= _key(key, until))
    fetched = connection.execute(
        wanted, execution_options={"yield_per": _FETCHED_LARGE if large else _FETCHED}
    ).partitions()
    held: list[Row[Any]] = []
    n_bytes = 0
    for rows in fetched:
        STOPPING.check()
        _require_sound(table, rows, place)
        held += rows
        n_bytes += sum(len(row[column] or b"") for column in large for row in rows)
        if len(held) >= _PORTION_ROWS or n_bytes >= _PORTION_BYTES:
            yield held
            held, n_bytes = [], 0
    if held:
        yield held


def advanced(table: Table, before: TableProgress, rows: Rows) -> TableProgress:
    """How far a table is with some more rows."""
    places = [list(table.columns).index(column) for column in key_of(table)]
    last_key = tuple(rows[-1][place] for place in places)
    return TableProgress(before.rows + len(rows), (before.tally + tally(table.name, rows)) % MODULUS, last_key)


def count(connection: Connection, table: Table) -> int:
    """How many rows a table has."""
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _key(columns: Sequence[ColumnElement[Any]], values: Sequence[Any]) -> Any:
    return tuple_(*(literal(value, column.type) for column, value in zip(columns, values, strict=True)))


def _large_columns(table: Table) -> list[int]:
    return [n for n, column in enumerate(table.columns) if isinstance(column.type, LargeBinary | PackedVector)]


def _require_sound(table: Table, rows: Rows, place: str) -> None:
    if "crc32" not in table.c:
        return
    for row in rows:
        if zlib.crc32(row.vector) != row.crc32:
            raise StoreError(
                f"the vector of sample {row.sample_id} in {place} is damaged (table '{table.name}'): "
                "run 'identity doctor' with this database"
            )
