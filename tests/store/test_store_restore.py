"""A restore only reads the backup, is whole or not at all, and leaves nothing that is not true any more."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from store_factories import new_samples, url_of

from identity.core.errors import StoreError
from identity.core.types import Role
from identity.indexes.snapshot_folder import SnapshotFolder
from identity.store import schema
from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.sqlite import engine as sqlite
from identity.store.sqlite import migration
from identity.store.sqlite.backup import restore
from identity.store.sqlite.database import Database

ROOT = Path(__file__).parents[2]
KILLED = """
import os, sys
from pathlib import Path
from identity.store.sqlite import backup, copying
copying.overwrite = lambda *given, **options: os._exit(9)
backup.restore(Path(sys.argv[1]), sys.argv[2])
"""


@pytest.fixture
def made(database: Database, store: SampleStore, tmp_path: Path) -> Path:
    """A backup with one sample and a published snapshot."""
    store.add(new_samples(0, 1))
    changes, labelled = store.all_vectors(Role.GALLERY)
    store.index_files.publish(SnapshotFolder(tmp_path / "indexes").write(store.gallery, labelled), changes=changes)
    (tmp_path / "kept").mkdir()
    database.backup(tmp_path / "kept" / "b.bak")
    return tmp_path / "kept" / "b.bak"


def as_older_versions_wrote_it(path: Path, database: Database) -> None:
    """Page for page, the write-ahead log's mark included."""
    path.unlink()
    with closing(sqlite3.connect(database.path)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)


@pytest.mark.parametrize("older", [False, True])
def test_nothing_is_written_to_the_backup_or_beside_it(url: str, database, store, made: Path, older: bool) -> None:
    if older:
        as_older_versions_wrote_it(made, database)
    made.chmod(0o400)
    made.parent.chmod(0o500)
    before = made.read_bytes(), made.stat().st_mtime_ns
    restore(made, url)
    made.parent.chmod(0o700)
    assert [path.name for path in made.parent.iterdir()] == ["b.bak"]
    assert (made.read_bytes(), made.stat().st_mtime_ns) == before
    assert len(store.all_vectors(Role.GALLERY)[1].ids) == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom permissions hold back")
def test_a_backup_that_may_not_be_read_is_not_called_something_else(url: str, database, made: Path) -> None:
    made.chmod(0)
    with pytest.raises(StoreError, match="cannot be read"):
        restore(made, url)


def test_a_database_with_a_log_beside_it_is_read_with_its_log(url: str, database, store, tmp_path: Path) -> None:
    other = url_of(tmp_path / "other" / "identity.db")
    store.add(new_samples(0, 7))
    assert database.path.with_name("identity.db-wal").stat().st_size > 0
    restore(database.path, other)
    opened = Database.open(other)
    assert SampleStore(opened, SqlGalleries(opened).get("digits")).count(Role.GALLERY) == 7
    opened.close()


def test_a_restored_store_believes_in_no_index_file_and_no_opened_gallery_takes_it_for_what_it_saw(
    url: str, store: SampleStore, made: Path
) -> None:
    then = store.gallery.changes
    store.remove([1])
    seen = store.gallery.changes
    restore(made, url)
    state = store.search_state()
    assert (state.snapshot, state.superseded.tolist(), state.later.ids.tolist()) == (None, [], [1])
    assert state.changes > max(then, seen)
    restore(made, url)
    assert store.gallery.changes not in {then, seen, state.changes}


def test_a_killed_restore_leaves_the_store_as_it_was_and_its_copy_goes_when_the_store_is_opened(
    url: str, database, store, made: Path
) -> None:
    store.add(new_samples(100, 4))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", KILLED, str(made), url], check=False, env=environment)
    left = list(database.path.parent.glob(".*.unfinished"))
    assert (ended.returncode, len(left)) == (9, 1)
    opened = Database.open(url)
    assert SampleStore(opened, store.gallery).count(Role.GALLERY) == 5
    opened.close()
    assert not left[0].exists()


def test_a_backup_of_an_older_schema_and_another_page_size_is_restored_with_all_its_rows(
    url: str, database, tmp_path: Path
) -> None:
    older = tmp_path / "older.db"
    engine = sqlite.engine(older, timeout_s=1)
    with engine.connect().execution_options(**{sqlite.WRITES: True}) as connection, connection.begin():
        settings = schema.config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0001")
        connection.execute(text("INSERT INTO gallery VALUES (1, 'u', 'kept', 'm', 'd', 's', 8, 5, '2025-01-01')"))
    engine.dispose()
    restore(older, url)
    with database.read() as connection:
        assert migration.revision(connection) == schema.REVISION
    assert [gallery.name for gallery in SqlGalleries(database).list()] == ["kept"]
    with closing(sqlite3.connect(older)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
