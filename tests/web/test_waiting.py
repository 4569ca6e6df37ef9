"""Whoever reads does not wait for whoever writes, and a slow decision holds up no question."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
from served import upload

SOON_S = 5.0  # on a busy machine; whoever waits for a writer waits for ten


@contextmanager
def somebody_writing(home: Path) -> Iterator[None]:
    """Another program is in the middle of a transaction that writes."""
    with closing(sqlite3.connect(home / "identity.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE gallery SET changes = changes + 1")
        yield
        connection.execute("ROLLBACK")


def test_questions_and_reads_are_answered_while_somebody_writes(
    client: httpx.Client, web_home: Path, scanned: str, pictures: list[Path]
) -> None:
    reads = ["", "/samples", "/people", "/people/c1", "/clusters", "/clusters/history", "/suggestions", "/calibration"]
    client.post("/galleries/digits/query", files=upload(pictures[0]))  # may write the index file, and waits for that
    with somebody_writing(web_home):
        begun = time.monotonic()
        assert client.post("/galleries/digits/query", files=upload(pictures[0])).status_code == 200
        assert {client.get(f"/galleries/{scanned}{path}").status_code for path in reads} <= {200, 409}
        assert client.get("/status").status_code == client.get("/jobs").status_code == 200
        assert time.monotonic() - begun < SOON_S
