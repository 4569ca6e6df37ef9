"""The document `identity.database-shard/1`: which tables lie on the workers of a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from identity.core.sharding import ShardReport


class DatabaseShardFields(TypedDict):
    """All tables that are distributed by `column`, and those of them that the command distributed; none twice."""

    database: str
    tables: list[str]
    distributed_now: list[str]
    column: str
    shards: int
    workers: int


def database_shard_fields(database: str, report: ShardReport) -> DatabaseShardFields:
    """What lies where."""
    return {
        "database": database,
        "tables": list(report.tables),
        "distributed_now": list(report.moved),
        "column": report.column,
        "shards": report.shards,
        "workers": report.workers,
    }
