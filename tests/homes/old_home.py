"""What the tests of an old home share: its archive, a question to today's program, and how answers are compared."""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from identity.cli.main import main

ARCHIVE = Path(__file__).with_name("d59714d.tar.xz")
FIRST = "0004"  # the schema that revision wrote
TOLERANCE = 1e-6  # of distances: a network's sums depend on the processor
Answers = dict[str, Any]
Rows = list[tuple[Any, ...]]


def unpack(folder: Path) -> Path:
    """The folder in which that revision worked: `home`, `probes` and `answers`."""
    with tarfile.open(ARCHIVE) as packed:
        packed.extraction_filter = getattr(tarfile, "data_filter", None)
        packed.extractall(folder)
    return folder


def asked(line: str, *, home: Path) -> Any:
    """The document that a command prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.raises(SystemExit, match=r"^0$"):
        main(["--home", str(home), *line.split(), "--json"])
    return json.loads(out.getvalue())


def rows(database: Path, select: str) -> Rows:
    """What SQL finds in a database file, whatever wrote it."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(select).fetchall()


def revision_of(database: Path) -> str:
    return str(rows(database, "SELECT version_num FROM alembic_version")[0][0])


def near(document: Any) -> Any:
    """The document, its numbers to within `TOLERANCE`."""
    match document:
        case dict():
            return {key: near(value) for key, value in document.items()}
        case list():
            return [near(value) for value in document]
        case float():
            return pytest.approx(document, abs=TOLERANCE)
        case _:
            return document


def without(document: Any, *keys: str) -> Any:
    """The document without keys, at whatever depth they stand."""
    match document:
        case dict():
            return {key: without(value, *keys) for key, value in document.items() if key not in keys}
        case list():
            return [without(value, *keys) for value in document]
        case _:
            return document
