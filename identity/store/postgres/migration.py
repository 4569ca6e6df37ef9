"""Brings a PostgreSQL database to the schema this program was written for, and refuses what it cannot work with.

The whole upgrade is one transaction under a lock of its own. Columns that hold what people gave are kept out of the
planner's statistics: those would go on holding names and paths of who was forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Connection, Engine, LargeBinary, Table, Text, text

from identity.core.errors import StoreError
from identity.store import schema
from identity.store.packed_vector import PackedVector
from identity.store.postgres import engine as postgres
from identity.store.postgres import sharding

ALONE = 0x1DE27171  # key of the lock of those who write alone
LEAST_SERVER, LEAST_PGVECTOR = 15, (0, 7)
_INLINE_BYTES = 8160  # of a row, the most that PostgreSQL takes: vectors of 2,000 numbers are not put elsewhere
_NOT_PERSONAL = ("role",)

_FACTS = text("""
    SELECT current_setting('server_version_num')::int / 10000 AS server, current_setting('server_encoding') AS encoding,
        pg_is_in_recovery() AS standby, to_regclass('identity.alembic_version') IS NOT NULL AS ours,
        (SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('identity')) AS tables,
        (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS pgvector
""")


_EXTENSION_SCHEMA = text("""
    SELECT nspname FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'vector'
""")


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What matters of a server and its database."""

    server: int
    encoding: str
    standby: bool
    ours: bool
    tables: int
    pgvector: str | None


def bring_up_to_date(engine: Engine, migrating: Engine) -> ServerFacts:
    """Create or upgrade the schema where it is not at `schema.REVISION`, with an engine that then has done its work.

    Raises `StoreError` for a server or an extension that will not do, and for a schema of a newer program.
    """
    with engine.connect() as connection, connection.begin():
        facts, found = as_found(connection)
    if found == schema.REVISION:
        return facts
    schema.require_whole(found)
    if facts.standby:
        raise StoreError("the server is a standby, and has no schema of this version: upgrade on its primary first")
    with migrating.connect() as connection, connection.begin():
        lock_alone(connection)
        facts = _facts(connection)  # once more: another program may have done it while we waited
        found = revision(connection, facts)
        if found != schema.REVISION:
            _prepare(connection, migrating, facts)
            schema.upgrade(connection, found)
            _settle(connection)
    return facts


def as_found(connection: Connection) -> tuple[ServerFacts, str | None]:
    """Server and database as they are, and the schema's revision. Raises `StoreError` for what will not do."""
    facts = _facts(connection)
    return facts, revision(connection, facts)


def revision(connection: Connection, facts: ServerFacts) -> str | None:
    """The schema's revision, None in an empty database."""
    if not facts.ours:
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def lock_alone(connection: Connection) -> None:
    """Wait until nobody else writes alone; held until the transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ALONE})


def _facts(connection: Connection) -> ServerFacts:
    facts = ServerFacts(*connection.execute(_FACTS).one())
    if facts.server < LEAST_SERVER:
        raise StoreError(f"the server is PostgreSQL {facts.server}: use PostgreSQL {LEAST_SERVER} or newer")
    if facts.encoding != "UTF8":
        raise StoreError(
            f"the database has the encoding {facts.encoding}: create one with "
            "CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0"
        )
    if facts.tables and not facts.ours:
        raise StoreError(
            f"the schema '{postgres.SCHEMA}' of this database belongs to another program: choose another database"
        )
    if facts.pgvector is not None and _numbers(facts.pgvector) < LEAST_PGVECTOR:
        least = ".".join(map(str, LEAST_PGVECTOR))
        raise StoreError(
            f"the database has pgvector {facts.pgvector}: install {least} or newer on the server, "
            "then run ALTER EXTENSION vector UPDATE in the database"
        )
    return facts


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())


def _prepare(connection: Connection, migrating: Engine, facts: ServerFacts) -> None:
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {postgres.SCHEMA}"))
    if facts.pgvector is None:
        connection.execute(text("CREATE EXTENSION vector SCHEMA public"))
        _facts(connection)  # the server may have brought one that is too old
    postgres.make_schema_with(migrating, extension_schema=schema_of_pgvector(connection))


def schema_of_pgvector(connection: Connection) -> str:
    """The schema that pgvector's type and functions stand in."""
    return str(connection.execute(_EXTENSION_SCHEMA).scalar_one())


def _settle(connection: Connection) -> None:
    settled = sharding.distributed(connection)  # Citus alters none of this afterwards
    for table in schema.all_tables().sorted_tables:
        if table.name in settled:
            continue
        changes = [change for column in table.columns for change in _settings(column)]
        if _has_vectors(table):
            changes.append(f"SET (toast_tuple_target = {_INLINE_BYTES})")
        if changes:
            connection.execute(text(f"ALTER TABLE {_quoted(connection, table)} {', '.join(changes)}"))


def _settings(column: Column[object]) -> list[str]:
    """Neither compressed nor counted: neither vectors nor crops get smaller, and statistics keep values."""
    personal = isinstance(column.type, Text | LargeBinary | PackedVector) and column.name not in _NOT_PERSONAL
    settings = [f'ALTER "{column.name}" SET STATISTICS 0'] if personal else []
    if isinstance(column.type, LargeBinary | PackedVector):
        settings.append(f'ALTER "{column.name}" SET STORAGE EXTERNAL')
    return settings


def _has_vectors(table: Table) -> bool:
    return any(column.name == "vector" for column in table.columns)


def _quoted(connection: Connection, table: Table) -> str:
    return connection.dialect.identifier_preparer.format_table(table)
