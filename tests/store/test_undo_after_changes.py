"""Decisions can be taken back in a database of before, and whatever an upgrade, a backup or a bundle made of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from store_factories import DIM, new_samples, url_of

from identity.core.clusters import ClusterEdit, LabelChanges, Run
from identity.core.errors import GalleryChangedError
from identity.core.reembedding import Destination, Origin
from identity.core.types import Role
from identity.store.opening import open_store
from identity.store.sql import SqlStore

NEWEST = ("decision_aside", "set_aside")
TABLES = (*NEWEST, "decision_rename", "former_identity", "decision_refusal", "decision_sample", "decision")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(url_of(tmp_path / "home" / "identity.db"))
    gallery = opened.galleries.create("people", model="m", detector="d", space="s", dim=DIM)
    ids = opened.samples(gallery).add(new_samples(0, 6))
    labels = LabelChanges(ids, np.array([1, 1, 1, 2, 2, 2]), np.ones(6, bool))
    opened.clusters(gallery).apply(Run("dbscan", "full", next_cluster=3), labels, changes=changes(opened))
    yield opened
    opened.close()


def changes(store: SqlStore) -> int:
    return store.galleries.get("people").changes


def name(store: SqlStore, ids: list[int], called: str | None) -> None:
    edit = ClusterEdit("name", named=np.array(ids, np.int64), name=called)
    store.clusters(store.galleries.get("people")).edit(edit, changes=changes(store))


def set_aside(store: SqlStore, ids: list[int]) -> None:
    edit = ClusterEdit("set aside", aside=np.array(ids, np.int64))
    store.clusters(store.galleries.get("people")).edit(edit, changes=changes(store))


def aside(store: SqlStore) -> list[int]:
    places = store.clusters(store.galleries.get("people")).places()
    return places.ids[places.aside].tolist()


def reembed(store: SqlStore) -> None:
    gallery = store.galleries.get("people")
    reembedding = store.reembedding(gallery)
    reembedding.begin(Destination("other", "d", "t", DIM))
    ids = store.samples(gallery).all_vectors(Role.GALLERY)[1].ids.tolist()
    reembedding.add(ids, np.eye(len(ids), DIM, dtype=np.float32) + 1, [Origin.CROP] * len(ids))
    assert reembedding.switch() is not None


def undo(store: SqlStore) -> int:
    return store.clusters(store.galleries.get("people")).undo_decision(None, changes=changes(store)).id


def named(store: SqlStore) -> list[str | None]:
    held = store.samples(store.galleries.get("people")).samples(range(1, 7))
    return [held[id_].identity for id_ in sorted(held)]


def test_a_database_of_before_is_upgraded_and_decides_and_undoes(store: SqlStore, tmp_path: Path) -> None:
    store.close()
    path = tmp_path / "home" / "identity.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in TABLES:
            connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE alembic_version SET version_num = '0008'")
    upgraded = open_store(url_of(path))
    gallery = upgraded.galleries.get("people")
    assert (upgraded.broken_seals(gallery), upgraded.clusters(gallery).decisions()) == ([], [])
    before = named(upgraded)
    name(upgraded, [1, 2], "Ada")
    assert named(upgraded) == ["Ada", "Ada", *before[2:]]
    undo(upgraded)
    assert (named(upgraded), upgraded.broken_seals(gallery)) == (before, [])
    assert path.with_name("identity.db.before-0011.bak").exists()
    upgraded.close()


def test_a_database_whose_decisions_are_sealed_already_can_set_aside(store: SqlStore, tmp_path: Path) -> None:
    name(store, [1, 2], "Ada")
    name(store, [4, 5], None)
    store.close()
    path = tmp_path / "home" / "identity.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in NEWEST:
            connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE alembic_version SET version_num = '0009'")
    upgraded = open_store(url_of(path))
    gallery = upgraded.galleries.get("people")
    assert upgraded.broken_seals(gallery) == []
    set_aside(upgraded, [4, 5])
    assert (aside(upgraded), upgraded.broken_seals(gallery)) == ([4, 5], [])
    name(upgraded, [4], "Bob")
    assert (aside(upgraded), upgraded.broken_seals(gallery)) == ([5], [])
    undo(upgraded)
    undo(upgraded)
    assert (aside(upgraded), named(upgraded)[3:5], upgraded.broken_seals(gallery)) == ([], [None, None], [])
    upgraded.close()


def test_who_is_set_aside_stays_so_in_another_space(store: SqlStore) -> None:
    name(store, [4, 5], None)
    set_aside(store, [4, 5])
    reembed(store)
    assert aside(store) == [4, 5]
    undo(store)
    assert (aside(store), store.broken_seals(store.galleries.get("people"))) == ([], [])


def test_an_undo_of_another_state_writes_nothing(store: SqlStore) -> None:
    clusters, seen = store.clusters(store.galleries.get("people")), changes(store)
    name(store, [1, 2], "Ada")
    with pytest.raises(GalleryChangedError):
        clusters.undo_decision(1, changes=seen)
    assert named(store)[:2] == ["Ada", "Ada"]


def test_a_backup_has_the_history(store: SqlStore, tmp_path: Path) -> None:
    name(store, [1, 2], "Ada")
    store.backup(tmp_path / "kept.bak")
    with closing(sqlite3.connect(tmp_path / "kept.bak")) as connection:
        assert connection.execute("SELECT note, undone_at FROM decision").fetchall() == [("name", None)]


def test_names_of_before_a_reembedding_can_be_given_back(store: SqlStore) -> None:
    before = named(store)
    name(store, [1, 2, 3], "Ada")
    reembed(store)
    labels = store.clusters(store.galleries.get("people")).places().labels.tolist()
    undo(store)
    assert named(store) == before
    assert store.clusters(store.galleries.get("people")).places().labels.tolist() == labels
    assert store.broken_seals(store.galleries.get("people")) == []


def test_a_bundle_goes_and_comes_without_the_history(store: SqlStore, tmp_path: Path) -> None:
    name(store, [1, 2], "Ada")
    name(store, [4], "Bob")
    undo(store)
    rows = store.rows(store.galleries.get("people"))
    there = open_store(url_of(tmp_path / "there" / "identity.db"))
    there.put_rows(rows, name="people")
    gallery = there.galleries.get("people")
    assert (named(there), there.clusters(gallery).decisions()) == (named(store), [])
    assert there.broken_seals(gallery) == []
    assert store.put_rows(rows, name="people").added["sample"] == 0
    assert store.clusters(store.galleries.get("people")).decisions()[0].n_samples == 2
    there.close()


def test_a_changed_row_of_the_history_is_found(store: SqlStore) -> None:
    name(store, [1, 2], "Ada")
    name(store, [1, 2], "Bob")
    gallery = store.galleries.get("people")
    with closing(sqlite3.connect(store.location.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("UPDATE former_identity SET name = 'Eve'")
    assert store.broken_seals(gallery) == ["clusters"]
