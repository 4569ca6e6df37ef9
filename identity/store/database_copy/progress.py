"""What a database remembers while another one is copied into it: that it is not whole yet, and how far each table is.

Both stand in the database itself and change in the transactions that bring the rows. Where the schema's revision
stands otherwise, there is then a word that no version of the program takes for one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, Text, insert, select, text, update

from identity.core.errors import StoreBusyError
from identity.store import schema
from identity.store.tables import Id

_ERASING = "(erase)"  # stands among the tables: what was in the database before is still to be erased from its files

_progress = Table(
    "copy_progress",
    MetaData(),
    Column("table_name", Text, primary_key=True),
    Column("source", Text, nullable=False),  # where the rows come from, as people write it
    Column("rows", Id, nullable=False),  # that are here
    Column("digest", Text, nullable=False),  # the sum over their hashes, 32 hex digits
    Column("last_key", Text, nullable=False),  # JSON: of the last one; bytes as hex digits
)


@dataclass(frozen=True, slots=True)
class TableProgress:
    """The rows of one table that are here: how many, the sum over their hashes, and the key of the last one."""

    rows: int = 0
    tally: int = 0
    last_key: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class CopyProgress:
    """How far a copy is, and where it comes from."""

    source: str
    tables: Mapping[str, TableProgress]
    to_erase: bool

    @property
    def rows(self) -> int:
        """How many rows are here."""
        return sum(table.rows for table in self.tables.values())


def begin(connection: Connection, names: Sequence[str], *, source: str, to_erase: bool) -> None:
    """Note that a copy begins, with no row of it here; what was noted before is gone."""
    _progress.drop(connection, checkfirst=True)
    _progress.create(connection)
    nothing = {"source": source, "rows": 0, "digest": _digest(0), "last_key": "[]"}
    rows = [{"table_name": name, **nothing} for name in names]
    connection.execute(insert(_progress), [*rows, {**nothing, "table_name": _ERASING, "rows": int(to_erase)}])
    _put_revision(connection, schema.UNFINISHED_COPY)


def require_none(connection: Connection) -> None:
    """Raise `StoreBusyError` where another program has begun to copy into this database."""
    if connection.execute(text("SELECT version_num FROM alembic_version")).scalar() != schema.REVISION:
        raise _busy()


def read(connection: Connection) -> CopyProgress:
    """How far the copy is."""
    c = _progress.c
    rows = connection.execute(select(c.table_name, c.rows, c.digest, c.last_key, c.source)).all()
    tables = {name: TableProgress(count, int(digest, 16), _key(last)) for name, count, digest, last, _ in rows}
    to_erase = tables.pop(_ERASING).rows > 0
    return CopyProgress(rows[0][-1], tables, to_erase)


def advance(connection: Connection, name: str, before: TableProgress, after: TableProgress) -> None:
    """Note in the transaction that brings rows of a table how far it is now.

    Raises `StoreBusyError` where it is no more as it was: then another program copies into the same database.
    """
    c = _progress.c
    noted = {"rows": after.rows, "digest": _digest(after.tally), "last_key": _key_text(after.last_key)}
    here = update(_progress).where(c.table_name == name, c.rows == before.rows).values(**noted)
    if connection.execute(here).rowcount != 1:
        raise _busy()


def note_erased(connection: Connection) -> None:
    """Note that nothing of what was in the database before is in its files any more."""
    connection.execute(update(_progress).where(_progress.c.table_name == _ERASING).values(rows=0))


def finish(connection: Connection) -> None:
    """The database is whole."""
    _progress.drop(connection)
    _put_revision(connection, schema.REVISION)


def _busy() -> StoreBusyError:
    return StoreBusyError("another program copies into the same database: wait until it is done, or stop it")


def _put_revision(connection: Connection, revision: str) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def _digest(tally: int) -> str:
    return f"{tally:032x}"


def _key_text(key: Sequence[Any]) -> str:
    return json.dumps([{"hex": part.hex()} if isinstance(part, bytes) else part for part in key])


def _key(noted: str) -> tuple[Any, ...]:
    return tuple(bytes.fromhex(part["hex"]) if isinstance(part, dict) else part for part in json.loads(noted))
