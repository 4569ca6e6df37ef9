"""Plants one damage: in a row of a table, chosen table by table, in a byte of an index file, or in its codes."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from coded import files_of_codes

from damage.home import EARLIER

INDEX_SHARE = 0.15  # of all damages
CODES_SHARE = 0.5  # where there are codes
BLOCK = 512  # bytes that are exchanged for others: a sector
CODES_KINDS = ["flipped", "truncated", "swapped", "exchanged", "missing"]
LEFT_OUT = {"alembic_version", "sqlite_sequence", "shipped"}  # no answer of a gallery reads them


def plant(home: Path, rng: np.random.Generator) -> str:
    """Damage one thing; what it was, in words."""
    files, codes = sorted((home / "indexes").glob("*.faiss")), files_of_codes(home)
    if codes and rng.random() < CODES_SHARE:
        return damage_codes(codes[0], home / EARLIER, str(rng.choice(CODES_KINDS)), rng)
    if files and rng.random() < INDEX_SHARE:
        return f"index-file byte {_flip_bit(files[int(rng.integers(len(files)))], rng)}"
    with closing(sqlite3.connect(home / "identity.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        while True:
            table = str(rng.choice(_tables(connection)))
            damage = _damage_row(connection, table, rng)
            if damage is not None:
                return f"{table} {damage}"


def damage_codes(path: Path, earlier: Path, kind: str, rng: np.random.Generator) -> str:
    """Damage a file of codes; what it was, in words."""
    content = path.read_bytes()
    match kind:
        case "flipped":
            return f"codes-flipped byte {_flip_bit(path, rng)}"
        case "truncated":
            content = content[: rng.integers(len(content))]
        case "swapped":
            content = earlier.read_bytes()
        case "exchanged":
            blocks = [content[at : at + BLOCK] for at in range(0, len(content), BLOCK)]
            one, other = rng.choice(len(blocks), 2, replace=False)
            blocks[one], blocks[other] = blocks[other], blocks[one]
            content = b"".join(blocks)
    path.unlink()
    if kind != "missing":
        path.write_bytes(content)
    return f"codes-{kind}"


def _flip_bit(path: Path, rng: np.random.Generator) -> int:
    """Which byte it was in."""
    content = bytearray(path.read_bytes())
    at = int(rng.integers(len(content)))
    content[at] ^= 1 << int(rng.integers(8))
    path.write_bytes(content)
    return at


def _tables(connection: sqlite3.Connection) -> list[str]:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in names if name not in LEFT_OUT]


def _damage_row(connection: sqlite3.Connection, table: str, rng: np.random.Generator) -> str | None:
    rowids = [row for (row,) in connection.execute(f"SELECT rowid FROM {table}")]
    if not rowids:
        return None
    row = int(rng.choice(rowids))
    if rng.random() < 0.15:
        connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,))
        return f"row {row} deleted"
    columns = [name for (_, name, *_) in connection.execute(f"PRAGMA table_info({table})")]
    column = str(rng.choice(columns))
    (value,) = connection.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (row,)).fetchone()
    other = _damaged(value, rng)
    try:
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (other, row))
    except sqlite3.IntegrityError:
        return None  # the file itself refuses it
    return f"{column} of row {row}: {str(value)[:40]} -> {str(other)[:40]}"


def _damaged(value: Any, rng: np.random.Generator) -> Any:
    bit = 1 << int(rng.integers(8))
    match value:
        case bytes() if value:
            at = int(rng.integers(len(value)))
            cut = value[:at] + bytes([value[at] ^ bit]) + value[at + 1 :]
            return cut if rng.random() < 0.8 else value[:at]
        case str() if value:
            at = int(rng.integers(len(value)))
            return value[:at] + chr((ord(value[at]) ^ bit) or 65) + value[at + 1 :]
        case int():
            return value ^ bit
        case float():
            (number,) = struct.unpack("<q", struct.pack("<d", value))
            (other,) = struct.unpack("<d", struct.pack("<q", number ^ (1 << int(rng.integers(63)))))
            return other
        case _:
            return int(rng.integers(5)) if rng.random() < 0.5 else "rot"
