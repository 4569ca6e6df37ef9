"""What SQLite itself finds wrong with its file."""

from __future__ import annotations

from sqlalchemy import Connection

MOST = 10  # problems named one by one


def problems(connection: Connection) -> list[str]:
    """Damaged pages, and rows that refer to nothing."""
    said = connection.exec_driver_sql(f"PRAGMA quick_check({MOST})").scalars().all()
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return [line for line in said if line != "ok"] + [f"a row of table '{row[0]}' refers to nothing" for row in orphans]
