"""A backup ends while others write without pause, and is one moment of theirs."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from store_factories import new_samples

from identity.store.samples import SampleStore
from identity.store.sqlite.database import Database

MOST_COMMITS = 2_000  # after which the writer gives up, and a backup that waited for it has failed


def write_pairs(path: Path, stop: threading.Event, commits: list[int]) -> None:
    """Keep two tables in step, one commit after the other."""
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        while not stop.is_set() and len(commits) < MOST_COMMITS:
            commits.append(len(commits))
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO shipped VALUES (?, '')", (f"pair {commits[-1]}",))
            connection.execute("UPDATE gallery SET changes = ?", (len(commits),))
            connection.execute("COMMIT")


def test_a_backup_does_not_begin_again_with_every_commit(
    database: Database, store: SampleStore, tmp_path: Path
) -> None:
    store.add([replace(one, crop=os.urandom(1 << 20)) for one in new_samples(0, 80)])  # more than one step of 64 MB
    stop, commits = threading.Event(), [0]
    writer = threading.Thread(target=write_pairs, args=(database.path, stop, commits))
    writer.start()
    database.backup(tmp_path / "b.bak")
    was_writing = writer.is_alive()
    stop.set()
    writer.join()
    assert was_writing, "the backup waited for the writer"
    assert len(commits) > 3
    with closing(sqlite3.connect(tmp_path / "b.bak")) as connection:
        pairs = connection.execute("SELECT count(*) FROM shipped").fetchone()[0]
        (changes,) = connection.execute("SELECT changes FROM gallery").fetchone()
        assert connection.execute("SELECT count(*) FROM crop").fetchone() == (80,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert (pairs == 0 and changes == 1) or changes == pairs + 1
