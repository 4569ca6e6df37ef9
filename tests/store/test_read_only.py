"""A home that cannot be written, and a disk without room, still answer; nothing is written, and it is said why."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from store_factories import DIM, new_samples, url_of

from identity.core.errors import StoreError
from identity.core.nearest import Sought
from identity.core.types import Role
from identity.indexes.snapshot_folder import SnapshotFolder
from identity.store.samples import SampleStore
from identity.store.sql import SqlStore
from identity.store.sqlite.database import Database
from identity.workflows import snapshots as searching

Mount = Callable[[str], Path]


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A small file system of its own; only root may have one."""
    place, mount_program = tmp_path / "disk", shutil.which("mount")
    place.mkdir()

    def mounted(options: str) -> Path:
        done = mount_program and subprocess.run(
            [mount_program, "-t", "tmpfs", "-o", options, "tmpfs", place], check=False, capture_output=True
        )
        if not done or done.returncode:
            pytest.skip("no file system can be mounted here")
        return place

    yield mounted
    subprocess.run(["umount", "--lazy", place], check=False, capture_output=True)  # an index may still be mapped


def filled(place: Path) -> None:
    store = SqlStore(Database.open(url_of(place / "home" / "identity.db")))
    gallery = store.galleries.create("kept", model="m", detector="d", space="s", dim=DIM)
    store.samples(gallery).add(new_samples(1, 40))
    searching.rebuild(store.samples(gallery), SnapshotFolder(place / "home" / "indexes"))
    store.samples(gallery).add(new_samples(100, 3))
    store.close()


def state_of(place: Path) -> dict[str, bytes]:
    """Every file but those two that SQLite makes beside a database before it notices that there is no room."""
    files = [path for path in sorted(place.rglob("*")) if path.is_file() and not path.name.endswith(("-shm", "-wal"))]
    return {str(path): path.read_bytes() for path in files}


def reads_and_refuses_to_write(place: Path) -> None:
    before = state_of(place)
    opened = SqlStore(Database.open(url_of(place / "home" / "identity.db")))
    samples = opened.samples(opened.galleries.get("kept"))
    assert isinstance(samples, SampleStore)
    assert opened.read_only
    assert len(samples.all_vectors(Role.GALLERY)[1].ids) == 43
    view, index = searching.open_view(samples, SnapshotFolder(place / "home" / "indexes"))
    assert (len(view.names), index.identities.tolist()) == (1, [1])
    _, again = searching.open_view(samples, SnapshotFolder(place / "home" / "indexes"), rebuilt=True)
    probes = samples.all_vectors(Role.GALLERY)[1].vectors[:4]
    sought = Sought(k=3)
    assert (index.search(probes, sought=sought).distances == again.search(probes, sought=sought).distances).all()
    with pytest.raises(StoreError, match=r"identity\.db"):
        samples.add(new_samples(200, 1))
    opened.close()
    assert state_of(place) == before


def test_a_read_only_file_system_answers_and_nothing_is_written(mount: Mount) -> None:
    place = mount("size=8m")
    filled(place)
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)
    reads_and_refuses_to_write(place)


def test_a_full_disk_answers_and_nothing_is_written(mount: Mount) -> None:
    place = mount("size=8m")
    filled(place)
    with (place / "others").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\1" * 4096)
        except OSError:
            pass
    reads_and_refuses_to_write(place)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom permissions hold back")
def test_a_folder_that_may_not_be_written_answers_and_nothing_is_written(tmp_path: Path) -> None:
    filled(tmp_path)
    places = [tmp_path / "home", tmp_path / "home" / "indexes"]
    for path in (*places, *(path for path in tmp_path.rglob("*") if path.is_file())):
        path.chmod(0o500)
    try:
        reads_and_refuses_to_write(tmp_path)
    finally:
        for path in places:
            path.chmod(0o700)


def test_a_database_of_another_schema_is_not_read_where_it_cannot_be_upgraded(mount: Mount) -> None:
    place = mount("size=8m")
    filled(place)
    database = Database.open(url_of(place / "home" / "identity.db"))
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0005'")
    database.close()
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)
    with pytest.raises(StoreError, match=r"identity\.db"):
        Database.open(url_of(place / "home" / "identity.db"))
