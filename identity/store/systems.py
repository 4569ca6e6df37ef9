"""Asks a database what it is: its own version, and that of what it was extended with."""

from __future__ import annotations

from sqlalchemy import Connection, text

from identity.core.stores import DatabaseSystem
from identity.store.schema import REVISION

_POSTGRES = text("""
    SELECT split_part(current_setting('server_version'), ' ', 1),
        (SELECT extversion FROM pg_extension WHERE extname = 'vector')
""")


def system_of(connection: Connection) -> DatabaseSystem:
    """What keeps the rows of an opened database, which has the schema of this program."""
    match connection.dialect.name:
        case "postgresql":
            version, pgvector = connection.execute(_POSTGRES).one()
            return DatabaseSystem("postgresql", version, pgvector, REVISION)
        case name:
            version = connection.execute(text("SELECT sqlite_version()")).scalar_one()
            return DatabaseSystem(name, version, None, REVISION)
