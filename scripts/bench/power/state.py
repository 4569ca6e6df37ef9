"""What a person would miss: every row of the database, every model, every backup, as one comparable value."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

CACHES = ("snapshot", "superseded", "removal", "sqlite_sequence", "sqlite_stat1")  # may differ, and nothing is lost
COUNTERS = ("changes",)  # columns that an index file being written anew moves


@dataclass(frozen=True, slots=True)
class State:
    """Digests: of the database's rows (None without a schema), of backups by name, of installed models by name."""

    rows: str | None
    backups: frozenset[tuple[str, str]]
    models: frozenset[tuple[str, str]]

    def parts(self) -> dict[str, object]:
        """By what people call it."""
        return {"database": self.rows, "backups": self.backups, "models": self.models}


def state_of(folder: Path) -> State:
    """The state of a home and of the backups beside it; nothing there is changed."""
    with tempfile.TemporaryDirectory() as name:
        copied = Path(name) / "copied"
        shutil.copytree(folder, copied)
        backups = {(path.name, _digest(path.read_bytes())) for path in copied.rglob("*.bak")}
        models = {(path.name, _digest(*_contents(path))) for path in (copied / "home" / "models").glob("[!.]*")}
        return State(_rows(copied / "home" / "identity.db"), frozenset(backups), frozenset(models))


def _contents(model: Path) -> list[bytes]:
    return [part for file in sorted(model.iterdir()) for part in (file.name.encode(), file.read_bytes())]


def _rows(path: Path) -> str | None:
    if not path.is_file():
        return None
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        return _digest(*_lines(connection)) or None


def _lines(connection: sqlite3.Connection) -> Iterator[bytes]:
    names = sorted(row[0].decode() for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'"))
    for name in names:
        if name not in CACHES:
            columns = [row[1].decode() for row in connection.execute(f"PRAGMA table_info({name})")]
            wanted = ", ".join(column for column in columns if column not in COUNTERS)
            yield f"{name}: {wanted}".encode()
            yield from sorted(repr(row).encode() for row in connection.execute(f"SELECT {wanted} FROM {name}"))


def _digest(*parts: bytes) -> str:
    if not parts:
        return ""
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()
