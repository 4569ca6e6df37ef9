"""How PostgreSQL is to be opened here: every value in its binary form, readers of one moment, one writer a gallery.

All values travel in binary, vectors bit for bit. Tables stand in a schema of their own, `identity`, which is the whole
search path: the table `vector` and pgvector's type `vector` never meet.
"""

from __future__ import annotations

import math
import select
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

import psycopg
from psycopg import pq
from psycopg.adapt import Buffer, Dumper
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.dialects.postgresql.base import PGTypeCompiler
from sqlalchemy.exc import DisconnectionError

from identity.store.packed_vector import WireVector
from identity.store.postgres import batches

SCHEMA = "identity"
_USED_AT, _IDLE_S = "identity_used_at", 60.0
_SETTINGS = """
    SELECT set_config('search_path', '{schema}', false), set_config('lock_timeout', '{lock_ms}', false),
        set_config('jit', 'off', false), -- compiling takes longer than any statement here gains by it
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

    def close(self) -> None:
        """Let go of the rows; where the server has gone, it has done so, and SQLAlchemy would log a traceback."""
        with suppress(psycopg.OperationalError):
            super().close()


class _VectorDumper(Dumper):
    """Sends a vector as it is; which type it has, the server knows from the column."""

    format = pq.Format.BINARY

    def dump(self, obj: Any) -> Buffer:
        """The bytes to send."""
        return bytes(obj)


class _Types(PGTypeCompiler):
    """Column types of a schema that is made: texts in the order of their bytes, and pgvector's by its place."""

    extension_schema = ""

    def visit_TEXT(self, type_: Any, **options: Any) -> str:  # noqa: N802 (SQLAlchemy's name)
        """A text that is compared byte by byte."""
        return f'{super().visit_TEXT(type_, **options)} COLLATE "C"'

    def visit_user_defined(self, type_: Any, **options: Any) -> str:
        """pgvector's `vector`."""
        return f"{self.extension_schema}.{super().visit_user_defined(type_, **options)}"


class Use(Enum):
    """What sessions are used for, by the isolation level of their transactions."""

    ONCE = "AUTOCOMMIT"  # one statement at a time, which sees one moment by itself
    READS = "REPEATABLE READ"
    WRITES = "READ COMMITTED"


@dataclass(frozen=True, slots=True)
class Sessions:
    """How sessions with one database are opened."""

    address: URL
    timeout_s: float  # for a lock, and for a connection
    command: str  # how others see them

    def engine(self, use: Use) -> Engine:
        """An engine of whose sessions each is used in one way: none is set up anew for another."""
        given = {
            "cursor_factory": _Cursor,
            "connect_timeout": math.ceil(self.timeout_s),
            "application_name": self.command,
        }
        made = create_engine(
            self.address, use_native_hstore=False, connect_args=given, isolation_level=use.value
        )
        settings = _SETTINGS.format(schema=SCHEMA, lock_ms=max(1, round(self.timeout_s * 1000)))

        def configure(connection: psycopg.Connection[Any], _record: object) -> None:
            connection.server_cursor_factory = _ServerCursor
            connection.adapters.register_dumper(WireVector, _VectorDumper)
            connection.autocommit = True
            connection.execute(settings)
            connection.autocommit = use is Use.ONCE
            connection.read_only = use is Use.READS

        event.listen(made, "connect", configure)
        event.listen(made, "checkout", partial(_require_alive, made))
        event.listen(made, "checkin", _note_time)
        if use is Use.WRITES:
            event.listen(made, "before_execute", batches.unnest_rows, retval=True)
            event.listen(made, "do_executemany", batches.copy_rows)
        return made


def _require_alive(made: Engine, connection: psycopg.Connection[Any], record: Any, _proxy: object) -> None:
    """Let a connection be made anew where the server has gone since: a restart is no error for who comes later.

    A server that goes says so on the socket, and asking the socket takes no time; asking the server takes a tenth of
    a warm query. Where a network went silently, the server is asked.
    """
    noted_s = record.info.get(_USED_AT)
    if noted_s is None:
        return
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    if socket.poll(0) or time.monotonic() - noted_s > _IDLE_S:
        try:
            made.dialect.do_ping(connection)  # type: ignore[arg-type] # the driver's own connection
        except psycopg.Error as error:
            raise DisconnectionError from error


def _note_time(_connection: object, record: Any) -> None:
    record.info[_USED_AT] = time.monotonic()


def make_schema_with(made: Engine, *, extension_schema: str) -> None:
    """Let an engine that migrates write column types as they are to be."""
    types = _Types(made.dialect)
    types.extension_schema = made.dialect.identifier_preparer.quote(extension_schema)
    made.dialect.type_compiler_instance = types
