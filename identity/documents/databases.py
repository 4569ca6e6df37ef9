"""The document `database.copy`: what one database got from another. And what a database is, for `status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from identity.core.database_copy import DatabaseCopyReport
    from identity.core.stores import DatabaseSystem

_VECTORS = ("vector", "reembedded")  # the tables that hold any


class DatabaseCopyFields(TypedDict):
    """What was copied and compared; `tables` gives the rows of each table, in the order in which they were copied.

    `resumed_rows` had been brought by an interrupted copy; with `started_over` such a one was dropped, because the
    source had changed since.
    """

    source: str
    target: str
    galleries: int
    samples: int
    vectors: int
    rows: int
    tables: dict[str, int]
    resumed_rows: int
    started_over: bool


class DatabaseSystemFields(TypedDict):
    """What keeps the rows: `sqlite` or `postgresql`, its version, that of pgvector, and the schema's revision."""

    name: str
    version: str
    pgvector: str | None
    schema: str


def database_copy_fields(report: DatabaseCopyReport) -> DatabaseCopyFields:
    """What the report says."""
    return {
        "source": report.source,
        "target": report.target,
        "galleries": report.rows["gallery"],
        "samples": report.rows["sample"],
        "vectors": sum(report.rows[table] for table in _VECTORS),
        "rows": sum(report.rows.values()),
        "tables": dict(report.rows),
        "resumed_rows": report.resumed_rows,
        "started_over": report.started_over,
    }


def database_system_fields(system: DatabaseSystem) -> DatabaseSystemFields:
    """What keeps the rows."""
    return {
        "name": system.name,
        "version": system.version,
        "pgvector": system.pgvector,
        "schema": system.revision,
    }


def system_text(fields: DatabaseSystemFields) -> str:
    """The same in words."""
    called = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[fields["name"]]
    pgvector = f" with pgvector {fields['pgvector']}" if fields["pgvector"] else ""
    return f"{called} {fields['version']}{pgvector}, schema {fields['schema']}"
