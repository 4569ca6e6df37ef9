"""A backup is the store of one moment, and comes back whole, even under a program that has it open."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from store_factories import new_samples, url_of

from identity.core.errors import NotFoundError, StoreBusyError, StoreError
from identity.core.types import Role
from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.sqlite.backup import restore
from identity.store.sqlite.database import Database


def _ids(store: SampleStore) -> list[int]:
    return store.all_vectors(Role.GALLERY)[1].ids.tolist()


def test_a_restored_backup_is_the_store_of_that_moment(url, database, store, tmp_path: Path) -> None:
    kept = store.add(new_samples(0, 500)).tolist()
    database.backup(tmp_path / "b.bak")
    store.add(new_samples(10_000, 3000))  # into a log that is alive while the backup comes back
    assert database.path.with_name("identity.db-wal").stat().st_size > 0
    restore(tmp_path / "b.bak", url)
    assert _ids(store) == kept
    database.close()
    again = Database.open(url)
    assert _ids(SampleStore(again, store._gallery)) == kept
    again.close()


def test_a_backup_holds_what_is_only_in_the_log_so_far(database, store, tmp_path: Path) -> None:
    ids = store.add(new_samples(0, 3)).tolist()
    database.backup(tmp_path / "b.bak")
    other = tmp_path / "elsewhere" / "new.db"
    restore(tmp_path / "b.bak", url_of(other))
    opened = Database.open(url_of(other))
    assert _ids(SampleStore(opened, SqlGalleries(opened).get("digits"))) == ids
    assert {(tmp_path / "b.bak").stat().st_mode & 0o777, other.stat().st_mode & 0o777} == {0o600}
    opened.close()


def test_a_backup_that_cannot_be_written_leaves_the_one_before(database, store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be copied to"):
        database.backup(tmp_path / "no such folder" / "b.bak")


def test_what_is_no_backup_is_refused_and_the_database_kept(url, database, store, tmp_path: Path) -> None:
    ids = store.add(new_samples(0, 3)).tolist()
    (tmp_path / "b.bak").write_bytes(b"my diary " * 500)
    sqlite3.connect(tmp_path / "empty.db").close()
    with pytest.raises(StoreError, match="not a backup of an identity database"):
        restore(tmp_path / "b.bak", url)
    with pytest.raises(StoreError, match="not a backup of an identity database"):
        restore(tmp_path / "empty.db", url)
    with pytest.raises(NotFoundError):
        restore(tmp_path / "missing.bak", url)
    assert _ids(store) == ids


def test_a_damaged_backup_is_refused(url, database, store, tmp_path: Path) -> None:
    store.add(new_samples(0, 2000))
    database.backup(tmp_path / "b.bak")
    with (tmp_path / "b.bak").open("r+b") as file:
        file.truncate(16384 * 30)
    with pytest.raises(StoreError, match=r"b\.bak is "):
        restore(tmp_path / "b.bak", url)
    assert len(_ids(store)) == 2000


def test_a_restore_waits_for_a_writer_and_then_says_so(url, database, store, tmp_path: Path) -> None:
    database.backup(tmp_path / "b.bak")
    store.add(new_samples(0, 3))
    with database.write(), pytest.raises(StoreBusyError, match="is in use: stop the programs"):
        restore(tmp_path / "b.bak", url, timeout_s=0.2)
    assert len(_ids(store)) == 3
