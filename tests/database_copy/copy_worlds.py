"""Databases with drawn rows in every table, and all that a database holds, for copies to be compared with."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from databases import open_database
from hypothesis import strategies as st
from postgres_server import PostgresServer
from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, Table, Text, insert, select

from identity.store.database_copy.numbering import last_ids
from identity.store.database_copy.tables import COPIED, copied_tables, numbered_tables
from identity.store.opening import open_as_found
from identity.store.packed_vector import PackedVector
from identity.store.schema import REVISION
from identity.store.tables import Packed
from identity.store.transactions import SqlDatabase

DIRECTIONS = list(itertools.product(("sqlite", "postgresql"), repeat=2))
Rows = Mapping[str, list[dict[str, Any]]]
_NUMBERS = itertools.count()
_TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
_VECTORS = st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=9)


class Places:
    """Addresses of empty databases of both kinds; those of the server are given back."""

    def __init__(self, folder: Path, server: PostgresServer) -> None:
        self._folder, self._server, self._lent = folder, server, list[str]()

    def new(self, kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{self._folder / f'{next(_NUMBERS)}.db'}"
        self._lent.append(self._server.lend())
        return self._lent[-1]

    def close(self) -> None:
        for url in self._lent:
            if is_whole(url):
                self._server.take_back(url)


def is_whole(url: str) -> bool:
    database, found = open_as_found(url)
    database.close()
    return found == REVISION


@contextmanager
def opened(url: str) -> Iterator[SqlDatabase]:
    database = open_database(url)
    yield database
    database.close()


def fill(url: str, rows: Rows) -> None:
    """Write rows into an empty database, owners first."""
    with opened(url) as database, database.write() as connection:
        for table in copied_tables():
            if rows.get(table.name):
                connection.execute(insert(table), rows[table.name])


def held(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all copied tables but the counters of changes, by their keys."""
    with opened(url) as database, database.read() as connection:
        return {
            table.name: connection.execute(
                select(*(one for one in table.columns if one.name != "changes")).order_by(*table.primary_key.columns)
            ).all()
            for table in copied_tables()
        }


def given_ids(url: str) -> dict[str, int]:
    """The largest id that each table ever gave."""
    with opened(url) as database, database.read() as connection:
        return last_ids(connection, numbered_tables())


@st.composite
def worlds(draw: Any, *, largest: int = 4) -> Rows:
    """Rows for every table, each of which refers to rows that are there."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for table in copied_tables():
        drawn = [_row(draw, table, rows, n) for n in range(draw(st.integers(1, largest)))]
        rows[table.name] = list(_distinct(table, [one for one in drawn if one is not None]))
    assert set(rows) == set(COPIED)
    return rows


def _row(draw: Any, table: Table, rows: Rows, n: int) -> dict[str, Any] | None:
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.foreign_keys:
            (key,) = column.foreign_keys
            owners = [one[key.column.name] for one in rows[key.column.table.name]]
            if not owners and not column.nullable:
                return None
            row[column.name] = draw(st.sampled_from(owners)) if owners else None
        elif column.primary_key and column.name == "id":
            row[column.name] = 1 + n * draw(st.sampled_from([1, 7, 2**33]))
        else:
            row[column.name] = draw(_values(column))
    if "crc32" in row:
        row["crc32"] = zlib.crc32(row["vector"])
    if table.name == "refusal":
        row["identity_id" if row["sample_id"] is not None and n % 2 else "sample_id"] = None
    return row if table.name != "refusal" or (row["sample_id"] is None) != (row["identity_id"] is None) else None


def _values(column: Column[Any]) -> st.SearchStrategy[Any]:
    values = _not_null(column)
    return st.none() | values if column.nullable else values


def _not_null(column: Column[Any]) -> st.SearchStrategy[Any]:
    match column.type:
        case Boolean():
            return st.booleans()
        case Float():
            return st.floats(allow_nan=False)
        case BigInteger() if column.name == "changes":
            return st.integers(0, 2**53)  # what counts by ones, and leaps with each copy
        case BigInteger():
            return st.integers(-(2**63), 2**63 - 1)
        case Integer():
            return st.integers(-(2**31) + 1, 2**31 - 1)
        case Text():
            return _TEXTS
        case kind if kind is Packed or isinstance(kind, PackedVector):
            return _VECTORS.map(lambda numbers: np.array(numbers, "<f4").tobytes())
        case _:
            return st.binary(max_size=40)


def _distinct(table: Table, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows of which no two are one by a key of the table."""
    keys = [list(table.primary_key.columns)]
    keys += [list(one.columns) for one in table.constraints if type(one).__name__ == "UniqueConstraint"]
    keys += [[one] for one in table.columns if one.unique]
    seen: set[tuple[Any, ...]] = set()
    for row in rows:
        values = {(n, *(row[one.name] for one in key)) for n, key in enumerate(keys)}
        if not values & seen:
            seen |= values
            yield row
