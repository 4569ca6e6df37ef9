"""A backup's seal: a crc32 over all its bytes, in two fields that SQLite's header leaves to the application.

`user_version` holds the sum (of the file as it is without it), `application_id` the file's change counter of that
moment. Whatever SQLite writes later moves the counter, and the seal is no longer in force: a backup that somebody
opened and changed on purpose is not called damaged. Backups of older versions have none.
"""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path

HEADER_BYTES = 100
MAGIC = b"SQLite format 3\0"
_COUNTER, _SUM, _APPLICATION = slice(24, 28), slice(60, 64), slice(68, 72)
_PORTION_BYTES = 1 << 20


def put(path: Path) -> None:
    """Seal a finished backup that nobody has open."""
    with path.open("r+b") as file:
        header = bytearray(file.read(HEADER_BYTES))
        header[_APPLICATION] = header[_COUNTER]
        header[_SUM] = bytes(4)
        file.seek(0)
        file.write(header)
        header[_SUM] = _sum(path, header)
        file.seek(0)
        file.write(header)


def is_broken(path: Path) -> bool:
    """Whether a seal is in force that is not the sum of the file's bytes."""
    with path.open("rb") as file:
        header = bytearray(file.read(HEADER_BYTES))
    if len(header) < HEADER_BYTES or header[_APPLICATION] != header[_COUNTER]:
        return False
    found = bytes(header[_SUM])
    header[_SUM] = bytes(4)
    return found != _sum(path, header)


def drop(connection: sqlite3.Connection) -> None:
    """Take the seal off a copy that is going to be a database again."""
    connection.execute("PRAGMA user_version = 0")
    connection.execute("PRAGMA application_id = 0")


def _sum(path: Path, header: bytes | bytearray) -> bytes:
    """The crc32 of a file whose first bytes are `header`, big-endian as all of a header."""
    found = zlib.crc32(header)
    with path.open("rb") as file:
        file.seek(HEADER_BYTES)
        while portion := file.read(_PORTION_BYTES):
            found = zlib.crc32(portion, found)
    return found.to_bytes(4, "big")
