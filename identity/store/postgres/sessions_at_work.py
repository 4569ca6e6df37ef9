"""Who else is at work in the database: what is said to whoever waits in vain."""

from __future__ import annotations

from sqlalchemy import Connection, text

_HOLDER = text("""
    SELECT application_name, pid, to_char(xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
        AND backend_type = 'client backend'
    ORDER BY backend_xid IS NULL, xact_start LIMIT 1
""")


def longest_at_work(connection: Connection) -> str:
    """Who has been writing, or else reading, for longest, in words."""
    found = connection.execute(_HOLDER).first()
    return "another program" if found is None else f"'{found[0]}' (session {found[1]}, since {found[2]})"
