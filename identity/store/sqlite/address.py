"""Reads the address of a SQLite database."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from identity.core.errors import UsageError


def path_of(url: str) -> Path:
    """The file a database URL names. Raises `UsageError` for any other kind of URL."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UsageError(f"'{url}' is not a database URL: write sqlite:////absolute/path/identity.db") from error
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise UsageError(f"'{url}' does not name an SQLite file: write sqlite:////absolute/path/identity.db")
    return Path(str(parsed.database)).expanduser().absolute()
