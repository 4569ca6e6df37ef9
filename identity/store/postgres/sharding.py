"""Distributes the tables that hold most of a database over the workers of a Citus cluster, by sample.

Written from Citus's documentation and source; it was never run on a cluster. Everything else stays on the coordinator.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection, Table, text
from sqlalchemy.exc import DBAPIError

from identity.core.errors import StoreError
from identity.core.sharding import ShardReport
from identity.core.stopping import STOPPING
from identity.store.postgres.engine import SCHEMA
from identity.store.sample_bytes import KEY, TABLES

LEAST_CITUS = (11, 1)  # the first for PostgreSQL 15

_HAS_CATALOGUE = text("SELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL")
_DISTRIBUTED = text("""
    SELECT relname FROM pg_catalog.pg_dist_partition JOIN pg_class ON pg_class.oid = logicalrelid
    WHERE relnamespace = to_regnamespace('identity') AND partmethod = 'h'
""")
_VERSION = text("SELECT extversion FROM pg_extension WHERE extname = 'citus'")
_WORKERS = text(
    "SELECT count(*) FROM pg_catalog.pg_dist_node WHERE isactive AND shouldhaveshards AND noderole = 'primary'"
)
_SHARDS = text("SELECT count(*) FROM pg_catalog.pg_dist_shard WHERE logicalrelid = CAST(:name AS regclass)")
_FOREIGN = text("""
    SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = CAST(:name AS regclass) ORDER BY conname
""")
_TOLD_ELSEWHERE = ("40", "55P03", "57")  # locks, and a server that goes
_DISTRIBUTE = "SELECT create_distributed_table(CAST(:name AS regclass), :key, colocate_with => :beside{count})"
_COUNT = ", shard_count => CAST(:shards AS int)"
_ONE_AFTER_ANOTHER = text("SELECT set_config('citus.multi_shard_modify_mode', 'sequential', true)")
_ERASE = text("SELECT truncate_local_data_after_distributing_table(CAST(:name AS regclass))")


def distributed(connection: Connection) -> frozenset[str]:
    """Names of our tables that lie on workers; none where there is no Citus."""
    if not connection.execute(_HAS_CATALOGUE).scalar_one():
        return frozenset()
    return frozenset(connection.execute(_DISTRIBUTED).scalars())


def distribute(connection: Connection, *, shards: int | None) -> ShardReport:
    """Distribute what is not yet, in the caller's transaction; `shards` is heard where no table is.

    The rows that a table had on the coordinator are erased there: they would stay in its files for ever. Raises
    `StoreError` where there is no Citus, one that is too old, no worker, or no right to.
    """
    workers = _require_cluster(connection)
    there = distributed(connection)
    beside = next((_full(table) for table in TABLES if table.name in there), None)
    moved: list[str] = []
    connection.execute(_ONE_AFTER_ANOTHER)  # in parallel, Citus refuses some acts of one transaction after others
    for table in TABLES:
        if table.name in there:
            continue
        STOPPING.check()
        try:
            _distribute(connection, table, beside=beside, shards=shards)
        except DBAPIError as error:
            raise _refusal(error, table) from error
        beside = beside or _full(table)
        moved.append(table.name)
    count = connection.execute(_SHARDS, {"name": _full(TABLES[0])}).scalar_one()
    return ShardReport(tuple(table.name for table in TABLES), KEY, int(count), workers, tuple(moved))


def _require_cluster(connection: Connection) -> int:
    """How many workers there are."""
    version = connection.execute(_VERSION).scalar()
    if version is None:
        raise StoreError(
            "the database has no Citus: install it on coordinator and workers, name it in shared_preload_libraries, "
            "then run CREATE EXTENSION citus in the database"
        )
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < LEAST_CITUS:
        least = ".".join(map(str, LEAST_CITUS))
        raise StoreError(f"the database has Citus {version}: install {least} or newer, and update the extension")
    workers = connection.execute(_WORKERS).scalar_one()
    if not workers:
        raise StoreError("the Citus cluster has no workers: add each with SELECT citus_add_node('host', 5432)")
    return int(workers)


def _distribute(connection: Connection, table: Table, *, beside: str | None, shards: int | None) -> None:
    shown = connection.dialect.identifier_preparer
    for key in connection.execute(_FOREIGN, {"name": _full(table)}).scalars().all():
        drop = f"ALTER TABLE {shown.format_table(table)} DROP CONSTRAINT {shown.quote(key)}"
        connection.execute(text(drop))
    given = {"name": _full(table), "key": KEY, "beside": beside or "none"}
    counted = beside is None and shards is not None  # a table beside another has as many shards as that
    statement = _DISTRIBUTE.format(count=_COUNT if counted else "")
    connection.execute(text(statement), given | ({"shards": shards} if counted else {}))
    connection.execute(_ERASE, {"name": _full(table)})


def _full(table: Table) -> str:
    return f"{SCHEMA}.{table.name}"


def _refusal(error: DBAPIError, table: Table) -> Exception:
    state, cause = getattr(error.orig, "sqlstate", None) or "", str(error.orig).partition("\n")[0]
    if state == "42501":
        return StoreError(f"this user may not distribute the table '{table.name}' ({cause}): run this as its owner")
    if error.connection_invalidated or state.startswith(_TOLD_ELSEWHERE):
        return error
    return StoreError(
        f"Citus did not distribute the table '{table.name}' ({cause}): nothing was changed; check that all workers "
        "run and have pgvector installed, then run the command again"
    )
