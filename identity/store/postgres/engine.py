"""How PostgreSQL is to be opened here: every value in its binary form, readers of one moment, writers one after another.

All values travel in binary, vectors bit for bit. Tables stand in a schema of their own, `identity`, which is the whole
search path: the table `vector` and pgvector's type `vector` never meet.
"""

from __future__ import annotations

import math
from typing import Any

import psycopg
from psycopg import pq
from psycopg.adapt import Buffer, Dumper
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.dialects.postgresql.base import PGTypeCompiler

from identity.store.packed_vector import WireVector
from identity.store.postgres import batches

SCHEMA = "identity"
READS = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
WRITES = {"isolation_level": "READ COMMITTED"}
_SETTINGS = """
    SELECT set_config('search_path', '{schema}', false), set_config('lock_timeout', '{lock_ms}', false),
        set_config('synchronous_commit', replace(current_setting('synchronous_commit'), 'off', 'on'), false)
"""


class _Cursor(psycopg.Cursor[Any]):
    """Asks for every value in binary."""

    def __init__(self, connection: psycopg.Connection[Any], **options: Any) -> None:
        super().__init__(connection, **options)
        self.format = pq.Format.BINARY


class _ServerCursor(psycopg.ServerCursor[Any]):
    """The same for rows that are read in portions."""

    def __init__(self, connection: psycopg.Connection[Any], name: str, **options: Any) -> None:
        super().__init__(connection, name, **options)
        self.format = pq.Format.BINARY


class _VectorDumper(Dumper):
    """Sends a vector as it is; which type it has, the server knows from the column."""

    format = pq.Format.BINARY

    def dump(self, obj: Any) -> Buffer:
        """The bytes to send."""
        return bytes(obj)


class _Types(PGTypeCompiler):
    """Column types of a schema that is made: texts by their bytes, as SQLite orders them, and pgvector's by its place."""

    extension_schema = ""

    def visit_TEXT(self, type_: Any, **options: Any) -> str:  # noqa: N802 (SQLAlchemy's name)
        """A text that is compared byte by byte."""
        return f'{super().visit_TEXT(type_, **options)} COLLATE "C"'

    def visit_user_defined(self, type_: Any, **options: Any) -> str:
        """pgvector's `vector`."""
        return f"{self.extension_schema}.{super().visit_user_defined(type_, **options)}"


def engine(address: URL, *, timeout_s: float, command: str) -> Engine:
    """An engine on a database; its sessions say which command they are of, and wait `timeout_s` for a lock."""
    made = create_engine(
        address,
        pool_pre_ping=True,  # a server that was started anew is met by a new connection, not by an error
        use_native_hstore=False,
        connect_args={
            "cursor_factory": _Cursor,
            "connect_timeout": math.ceil(timeout_s),
            "application_name": command,
        },
    )
    settings = _SETTINGS.format(schema=SCHEMA, lock_ms=max(1, round(timeout_s * 1000)))

    def configure(connection: psycopg.Connection[Any], _record: object) -> None:
        connection.server_cursor_factory = _ServerCursor
        connection.adapters.register_dumper(WireVector, _VectorDumper)
        connection.autocommit = True
        connection.execute(settings)
        connection.autocommit = False

    event.listen(made, "connect", configure)
    event.listen(made, "before_execute", batches.unnest_rows, retval=True)
    event.listen(made, "do_executemany", batches.copy_rows)
    return made


def make_schema_with(made: Engine, *, extension_schema: str) -> None:
    """Let an engine that migrates write column types as they are to be."""
    types = _Types(made.dialect)
    types.extension_schema = made.dialect.identifier_preparer.quote(extension_schema)
    made.dialect.type_compiler_instance = types
