"""A backup is written to a name of its own: nothing that is no backup is written to, followed or replaced."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from store_factories import new_samples

from identity.core.errors import StoreError, UsageError
from identity.store.sqlite.database import Database


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    (tmp_path / "diary").write_text("my diary")
    return tmp_path / "diary"


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_refused_and_what_it_points_to_untouched(
    database: Database, kept: Path, tmp_path: Path, there: bool
) -> None:
    link = tmp_path / "b.bak"
    link.symlink_to(kept if there else tmp_path / "nothing")
    with pytest.raises(UsageError, match=r"b\.bak is a symbolic link: give the path of the file itself"):
        database.backup(link)
    assert (link.is_symlink(), kept.read_text(), (tmp_path / "nothing").exists()) == (True, "my diary", False)


def test_a_link_to_a_backup_is_refused_too(database: Database, tmp_path: Path) -> None:
    database.backup(tmp_path / "real.bak")
    before = (tmp_path / "real.bak").read_bytes()
    (tmp_path / "b.bak").symlink_to(tmp_path / "real.bak")
    with pytest.raises(UsageError, match="symbolic link"):
        database.backup(tmp_path / "b.bak")
    assert (tmp_path / "real.bak").read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_and_a_folder_are_refused(database: Database, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(UsageError, match=f"{name} is not a file: choose the name of a new file"):
            database.backup(tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "home", "pipe"]


def test_another_name_of_an_older_backup_keeps_what_it_had(database: Database, store, tmp_path: Path) -> None:
    database.backup(tmp_path / "b.bak")
    before = (tmp_path / "b.bak").read_bytes()
    os.link(tmp_path / "b.bak", tmp_path / "of yesterday")
    store.add(new_samples(0, 3))
    database.backup(tmp_path / "b.bak")
    assert (tmp_path / "of yesterday").read_bytes() == before != (tmp_path / "b.bak").read_bytes()


def test_no_database_that_is_in_use_is_taken_for_a_backup(database: Database, store, tmp_path: Path) -> None:
    store.add(new_samples(0, 3))
    other = Database.open(f"sqlite:///{tmp_path / 'other.db'}")
    for path in (database.path, other.path):
        with pytest.raises(UsageError, match="is a database, not a backup"):
            database.backup(path)
    other.close()


def test_what_is_no_backup_stays(database: Database, kept: Path) -> None:
    with pytest.raises(StoreError, match="diary is not a backup of an identity database"):
        database.backup(kept)
    assert kept.read_text() == "my diary"


def test_a_killed_backup_leaves_nothing_for_ever(database: Database, tmp_path: Path) -> None:
    (tmp_path / ".b.bak.999999999-00000000.unfinished").write_bytes(b"half")
    database.backup(tmp_path / "b.bak")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.bak", "home"]


def test_deleted_bytes_that_are_still_in_the_file_do_not_come_along(database: Database, store, tmp_path: Path) -> None:
    store.add(new_samples(0, 200))
    with closing(sqlite3.connect(database.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM crop WHERE sample_id > 100")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.backup(tmp_path / "b.bak")
    assert b"crop of 150" in database.path.read_bytes()
    assert b"crop of 150" not in (tmp_path / "b.bak").read_bytes()
    assert b"crop of 50" in (tmp_path / "b.bak").read_bytes()
