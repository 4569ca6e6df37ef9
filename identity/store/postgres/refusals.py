"""Finds in a SQLite database what PostgreSQL does not keep, so that it is said before anything is copied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    case,
    cast,
    func,
    select,
)

from identity.core.stopping import STOPPING

_MOST = 2**31 - 1
_MOST_KEY_BYTES = 2_600  # an entry of an index fits into a third of a page
_MOST_NUMBERS = 16_000  # of pgvector's `vector`
_AT_ONCE = 2_000  # vectors
_SHOWN = 60  # letters of a value
_CURE = "change or remove it in that database, then copy"


def refused(connection: Connection, tables: Sequence[Table]) -> str | None:
    """The first value that PostgreSQL does not keep, where it stands, and what helps; None where there is none."""
    for table in tables:
        found = _refused_value(connection, table) or next(_refused_vectors(connection, table), None)
        if found is not None:
            return found
    return None


def _refused_value(connection: Connection, table: Table) -> str | None:
    rules = list(_rules(table))
    if not rules:
        return None
    broken = case(*((is_so, n) for n, (_, is_so, _) in enumerate(rules)))
    row = connection.execute(select(broken, *table.columns).where(broken.is_not(None)).limit(1)).first()
    if row is None:
        return None
    column, _, what = rules[row[0]]
    value = dict(zip((one.name for one in table.columns), row[1:], strict=True))
    key = ", ".join(repr(value[one.name])[:_SHOWN] for one in table.primary_key.columns)
    shown = repr(value[column.name])[:_SHOWN]
    return f"'{column.name}' of row {key} in table '{table.name}' has {what} ({shown}): {_CURE}"


def _rules(table: Table) -> Iterator[tuple[Column[Any], ColumnElement[bool], str]]:
    """Of which column a value is refused, when, and why in words."""
    keys = {column.name for column in table.primary_key.columns} | {
        column.name for one in table.constraints if isinstance(one, UniqueConstraint) for column in one.columns
    }
    for column in table.columns:
        if isinstance(column.type, Text):
            yield column, func.instr(column, func.char(0)) > 0, "the character NUL, which PostgreSQL refuses"
        if isinstance(column.type, Integer) and not isinstance(column.type, BigInteger):
            yield column, func.abs(column) > _MOST, "a number that is too large for PostgreSQL"
        if isinstance(column.type, Text | LargeBinary) and column.name in keys:
            length = func.length(cast(column, LargeBinary))
            yield column, length > _MOST_KEY_BYTES, f"more than {_MOST_KEY_BYTES} bytes, too many for PostgreSQL"


def _refused_vectors(connection: Connection, table: Table) -> Iterator[str]:
    if "vector" not in table.c:
        return
    wanted = select(table.c.sample_id, table.c.vector).order_by(table.c.sample_id)
    for rows in connection.execute(wanted, execution_options={"yield_per": _AT_ONCE}).partitions():
        STOPPING.check()
        if _all_kept([row.vector for row in rows]):
            continue
        sample = next(row.sample_id for row in rows if not _all_kept([row.vector]))
        yield (
            f"the vector of sample {sample} in table '{table.name}' has an infinite or undefined number, none, or "
            f"more than {_MOST_NUMBERS}, which pgvector refuses: remove it with 'identity samples remove', then copy"
        )


def _all_kept(vectors: Sequence[bytes]) -> bool:
    if any(len(vector) % 4 or not 0 < len(vector) <= 4 * _MOST_NUMBERS for vector in vectors):
        return False
    return bool(np.isfinite(np.frombuffer(b"".join(vectors), "<f4")).all())
