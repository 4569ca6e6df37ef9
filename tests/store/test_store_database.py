"""Opening, sharing and failing: one line with cause and cure, and nothing half-written."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from store_factories import new_samples, url_of

from identity.core.errors import StoreBusyError, StoreError, UsageError
from identity.core.types import Role
from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.sqlite.database import Database

_ROOT = Path(__file__).parents[2]


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_only_its_owner_may_read_the_home_that_was_made(database: Database, store: SampleStore) -> None:
    store.add(new_samples(0, 1))
    files = list(database.path.parent.iterdir())
    assert {path.name for path in files} == {"identity.db", "identity.db-wal", "identity.db-shm"}
    assert {_mode(path) for path in files} == {0o600}
    assert _mode(database.path.parent) == 0o700


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    Database.open(url_of(tmp_path / "identity.db")).close()
    assert _mode(tmp_path) == 0o755


def test_the_file_is_kept_as_the_design_says(database: Database) -> None:
    pragmas = {"journal_mode": "wal", "page_size": 16384, "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}
    with database.read() as connection:
        kept = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas}
    assert kept == pragmas


@pytest.mark.parametrize("name", ["Größe 50% über.db", "a?b#c&d=e.db", "数字/身元.db"])
def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    Database.open(url_of(tmp_path / name)).close()
    assert (tmp_path / name).is_file()


def test_a_closed_database_is_one_file_that_opens_again(url: str, database: Database, store: SampleStore) -> None:
    store.add(new_samples(0, 5))
    database.close()
    assert [path.name for path in database.path.parent.iterdir()] == ["identity.db"]
    again = Database.open(url)
    assert len(SampleStore(again, store._gallery).find()) == 5
    again.close()


@pytest.mark.parametrize("url", ["nonsense", "postgresql://host/db", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_names_no_sqlite_file_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="sqlite:////absolute/path"):
        Database.open(url)


def test_a_second_writer_waits_and_is_told_who_writes(url: str, database: Database, store: SampleStore) -> None:
    enrolling = Database.open(url, command="identity enroll -g digits")
    with enrolling.write():
        with pytest.raises(StoreBusyError) as told:
            store.add(new_samples(0, 1))
        assert store.find() == [], "readers go on"
    expected = f"being written by 'identity enroll -g digits' \\(process {os.getpid()}, since 20.*wait until it is done"
    assert told.match(expected)
    assert len(store.add(new_samples(0, 1))) == 1
    enrolling.close()


def test_a_writer_that_lets_go_in_time_is_waited_for(url: str, store: SampleStore) -> None:
    patient = SampleStore(Database.open(url, timeout_s=30), store._gallery)
    with multiprocessing.get_context("spawn").Pool(1) as other:
        writing = other.apply_async(_add_many, (url, 20))
        mine = [len(patient.add(new_samples(10**6 + 10 * turn, 10))) for turn in range(20)]
        assert writing.get(timeout=60) == sum(mine) == 200
    assert len(store.find(limit=1000)) == 400


def _add_many(url: str, batches: int) -> int:
    database = Database.open(url, timeout_s=30)
    store = SampleStore(database, SqlGalleries(database).get("digits"))
    return sum(len(store.add(new_samples(10 * turn, 10))) for turn in range(batches))


def test_the_note_of_a_dead_writer_accuses_nobody(url: str, database: Database, store: SampleStore) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    other = Database.open(url)
    with other.write():
        note = database.path.with_name("identity.db.writer")
        note.write_text(f'{{"pid": {dead.pid}, "command": "identity enroll", "since": "2026"}}')
        with pytest.raises(StoreBusyError, match="being written by another program"):
            store.add(new_samples(0, 1))
    other.close()


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_write_leaves_nothing(database: Database, store: SampleStore, interruption) -> None:
    def interrupted() -> None:
        with database.write() as connection:
            connection.exec_driver_sql("UPDATE gallery SET changes = 99")
            connection.exec_driver_sql("CREATE TABLE half (id INTEGER)")  # the driver's default would keep this
            raise interruption

    with pytest.raises(interruption):
        interrupted()
    assert store.gallery.changes == 0
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE name = 'half'").scalar() == 0
    assert not database.path.with_name("identity.db.writer").exists()


def test_a_full_disk_is_one_line_and_leaves_no_half_batch(database: Database, store: SampleStore) -> None:
    store.add(new_samples(0, 10))
    before = store.gallery
    with database.read() as connection:  # the pool keeps this connection, and the connection its limit
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 3}")
    with pytest.raises(StoreError, match=r"no space left to write .*identity\.db: free some disk space"):
        store.add(new_samples(100, 3000))
    assert store.gallery == before
    assert len(store.find(limit=10_000)) == len(store.all_vectors(Role.GALLERY)[1].ids) == 10
    with database.read() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    assert len(store.add(new_samples(100, 3000))) == 3000


def test_a_home_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot be opened or created .*: choose a --home that you can write"):
        Database.open(url_of(tmp_path / "file" / "identity.db"))


def test_a_database_that_cannot_be_written_is_one_line(database: Database, store: SampleStore) -> None:
    with database.read() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")  # root may write read-only files: this is how it is felt
    with pytest.raises(StoreError, match="cannot be written: get write permission"):
        store.add(new_samples(0, 1))


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "identity.db"
    path.write_bytes(b"my diary " * 500)
    with pytest.raises(StoreError, match="not an identity database, or it is damaged: restore a backup"):
        Database.open(url_of(path))
    assert path.read_bytes() == b"my diary " * 500


def test_another_programs_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "identity.db"
    with sqlite3.connect(path) as theirs:
        theirs.execute("CREATE TABLE diary (day TEXT)")
    theirs.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="belongs to another program: choose another --home"):
        Database.open(url_of(path))
    assert path.read_bytes() == before


def test_a_damaged_page_is_one_line(url: str, database: Database, store: SampleStore) -> None:
    store.add(new_samples(0, 2000))
    database.close()
    with database.path.open("r+b") as file:
        file.seek(16384)
        file.write(os.urandom(database.path.stat().st_size - 16384))
    with pytest.raises(StoreError, match="is damaged: restore a backup"):
        SampleStore(Database.open(url), store._gallery).all_vectors(Role.GALLERY)


def test_opening_a_database_imports_neither_the_orm_nor_alembic(url: str, database: Database) -> None:
    program = (
        "import sys; from identity.store.samples import SampleStore; "
        "from identity.store.sqlite.database import Database; "
        "Database.open(sys.argv[1]).close(); print([m for m in sys.modules if m.startswith(('sqlalchemy.orm', "
        "'alembic', 'psycopg', 'sqlalchemy.dialects.postgresql'))])"
    )
    command = [sys.executable, "-c", program, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/", env={"PYTHONPATH": str(_ROOT)})
    assert said.stdout == "[]\n"


def test_four_programs_that_make_a_home_at_once_make_one(url: str) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert pool.map(_open_and_count, [url] * 4) == [0] * 4


def _open_and_count(url: str) -> int:
    return len(SqlGalleries(Database.open(url)).list())
