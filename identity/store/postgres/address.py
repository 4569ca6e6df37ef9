"""Reads the address of a PostgreSQL database, and shows it without what may not be shown."""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from identity.core.errors import UsageError

_EXAMPLE = "postgresql://user@host:5432/database"
_DRIVERS = ("postgresql", "postgresql+psycopg")


def address_of(url: str) -> URL:
    """The address, with the one driver that is used here. Raises `UsageError`, which never repeats the address."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UsageError(f"the address of the database cannot be read: write {_EXAMPLE}") from None
    if parsed.drivername not in _DRIVERS:
        raise UsageError(f"'{parsed.drivername}' is not a driver that this program has: write {_EXAMPLE}")
    return parsed.set(drivername="postgresql+psycopg")


def shown(address: URL) -> str:
    """The address as people may read it: neither password nor options, which may hold one."""
    bare = address.set(drivername="postgresql").difference_update_query(list(address.query))
    host = address.query.get("host")
    if not bare.host and isinstance(host, str) and not host.startswith("/"):
        bare = bare.set(host=host)
    return bare.render_as_string(hide_password=True)
