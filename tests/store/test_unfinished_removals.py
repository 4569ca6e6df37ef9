"""A removal that was interrupted is finished by whoever writes next, even by one that is writing an index file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from store_factories import DIM, new_samples, url_of

from identity.indexes import snapshot_folder
from identity.indexes.snapshot_folder import SnapshotFolder
from identity.store.opening import open_store
from identity.store.sql import SqlStore
from identity.store.sqlite.database import Database
from identity.workflows import snapshots as searching
from identity.workflows.forgetting import finish_interrupted, finish_removals


@pytest.fixture
def interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[SqlStore, SnapshotFolder]:
    """A store with a removal that a killed program left, as the next program opens it."""
    monkeypatch.setattr(snapshot_folder, "LOCK_TIMEOUT_S", 0)  # waiting for oneself ends at once
    url, folder = url_of(tmp_path / "identity.db"), SnapshotFolder(tmp_path / "indexes")
    store = open_store(url)
    gallery = store.galleries.create("g", model="m", detector="d", space="s", dim=DIM)
    samples = store.samples(gallery)
    samples.add(new_samples(0, 5))
    searching.rebuild(samples, folder)
    samples.remove([2])
    store.close()
    opened = SqlStore(Database.open(url))
    opened.call_before_writing(
        partial(finish_interrupted, partial(finish_removals, opened, folder), say=lambda _: None)
    )
    return opened, folder


def test_whoever_rebuilds_an_index_file_finishes_it_first(interrupted: tuple[SqlStore, SnapshotFolder]) -> None:
    store, folder = interrupted
    assert store.removals()
    searching.rebuild(store.samples(store.galleries.get("g")), folder)
    assert not store.removals()


def test_finishing_it_does_not_wait_for_itself(interrupted: tuple[SqlStore, SnapshotFolder]) -> None:
    store, folder = interrupted
    assert finish_removals(store, folder) == 1
    assert not store.removals()
    gallery = store.galleries.get("g")
    state = store.samples(gallery).search_state(folder.held(gallery))
    assert state is not None
    assert state.snapshot is not None
    assert folder.index(state) is not None
