"""What PostgreSQL itself finds wrong with a database, and rows that refer to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table, exists, func, select, text

from identity.store import sample_bytes
from identity.store import tables as t
from identity.store.rows import PORTION
from identity.store.schema import all_tables

_CHECKSUMS = text("SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()")
_INVALID = text("""
    SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relnamespace = to_regnamespace('identity') AND NOT indisvalid ORDER BY relname
""")


def problems(connection: Connection) -> list[str]:
    """Pages whose checksum was wrong, indexes that are not in force, and rows that refer to nothing."""
    failures = connection.execute(_CHECKSUMS).scalar()
    found = [f"{failures} pages were read whose checksum was wrong"] if failures else []
    found += [f"the index '{name}' is not valid" for name in connection.execute(_INVALID).scalars()]
    return found + [f"a row of table '{name}' refers to nothing" for name in _orphans(connection)]


def _orphans(connection: Connection) -> Iterator[str]:
    for table in all_tables().sorted_tables:
        if table in sample_bytes.TABLES:
            if _outlives_a_sample(connection, table):
                yield table.name
            continue
        for key in table.foreign_keys:
            owner = key.column.table.alias("owner")
            there = exists().where(owner.c[key.column.name] == key.parent)
            orphan = select(key.parent).where(key.parent.is_not(None), ~there).limit(1)
            if connection.execute(orphan).first() is not None:
                yield table.name


def _outlives_a_sample(connection: Connection, table: Table) -> bool:
    """Whether a row has no sample; each table is asked by itself, for this one may lie on other machines."""
    last, key = 0, table.c.sample_id
    while True:
        ids = connection.execute(select(key).where(key > last).order_by(key).limit(PORTION)).scalars().all()
        if not ids:
            return False
        there = select(func.count()).select_from(t.sample).where(t.sample.c.id.in_(ids))
        if connection.execute(there).scalar_one() != len(ids):
            return True
        last = ids[-1]
