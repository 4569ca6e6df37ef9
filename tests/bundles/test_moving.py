"""A gallery that moved answers as before, and is written as the same bytes again."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from bundle_worlds import NO_MODELS, Seen, answers, cluster, create, decide, enrol, set_thresholds, store_at
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity.bundles.reading import read_bundle
from identity.bundles.writing import write_bundle
from identity.core.bundle import TABLES
from identity.core.clusters import ClusterEdit
from identity.core.errors import StoreError, UsageError
from identity.core.types import Role
from identity.store.sql import SqlStore
from identity.store.tables import vector
from identity.workflows.moving import export_gallery, import_gallery

NAMES = st.sampled_from([None, "ada", "bob", "Zoë", "名"])
SEEN = st.builds(
    Seen, st.integers(0, 12), st.integers(0, 2), NAMES, st.sampled_from(Role), st.sampled_from([None, b"", b"crop"])
)


def moved(store: SqlStore, path: Path, *, name: str | None = None):
    return import_gallery(store, path, name=name, merge_names=False, entrance=NO_MODELS)


def test_every_table_is_filled_in_the_gallery_that_these_tests_move(filled):
    rows = filled.rows(filled.galleries.get("people"))
    assert [table for table in TABLES if not rows.count(table)] == []


def test_a_gallery_in_another_home_answers_as_before(filled, there, bundle):
    report = moved(there, bundle)
    assert (report.arrival.created, report.arrival.known, report.installed) == (True, 0, False)
    assert answers(there) == answers(filled)
    assert answers(there)["broken"] == []
    assert answers(there)["history"][-1].undone_at is not None


def test_a_gallery_in_another_home_is_the_same_file_again(there, bundle, tmp_path):
    moved(there, bundle)
    export_gallery(there, there.galleries.get("people"), tmp_path / "again", crops=True)
    assert (tmp_path / "again").read_bytes() == bundle.read_bytes()


def test_states_of_clustering_are_the_same_but_for_ids(filled, there, bundle):
    moved(there, bundle)
    one, other = (store.clusters(store.galleries.get("people")).state() for store in (filled, there))
    np.testing.assert_array_equal(one.labels, other.labels)
    np.testing.assert_array_equal(one.vectors, other.vectors)
    assert (one.run.algo, one.next_cluster, one.n) == (other.run.algo, other.next_cluster, other.n)


@pytest.fixture
def homes(kind, tmp_path):
    opened = [store_at(tmp_path / name) for name in ("one", "other")]
    yield opened
    for store in opened:
        store.close()


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seen=st.lists(SEEN, max_size=12), runs=st.integers(0, 2), removed=st.integers(0, 4), crops=st.booleans())
def test_any_gallery_goes_and_comes_back_as_the_same_bytes(homes, tmp_path, seen, runs, removed, crops):
    one, other = homes
    name = f"g{len(one.galleries.list())}"
    gallery = create(one, name)
    ids = enrol(one, gallery, seen)
    searched = one.clusters(gallery).state().ids.tolist()
    for _ in range(runs):
        cluster(one, gallery, searched)
    if len(searched) > 1:
        decide(one, gallery, ClusterEdit("same", together=np.array(searched[:2])))
    if one.samples(gallery).identities():
        set_thresholds(one, gallery, last_sample=ids[-1] if runs else None)
    one.samples(gallery).remove(ids[:removed])
    first, second = tmp_path / "first", tmp_path / "second"
    export_gallery(one, one.galleries.get(name), first, crops=crops)
    moved(other, first)
    export_gallery(other, other.galleries.get(name), second, crops=crops)
    assert first.read_bytes() == second.read_bytes()
    assert answers(other, name)["thresholds"] == answers(one, name)["thresholds"]
    assert answers(other, name)["broken"] == []


def test_crops_stay_behind_where_they_are_not_wanted(filled, there, tmp_path):
    export_gallery(filled, filled.galleries.get("people"), tmp_path / "b", crops=False)
    assert moved(there, tmp_path / "b").arrival.added["crop"] == 0
    assert there.rows(there.galleries.get("people")).count("sample") == 8


def test_members_are_stored_dated_1980_and_for_the_owner_alone(bundle):
    with zipfile.ZipFile(bundle) as archive:
        members = archive.infolist()
    assert members[0].filename == "manifest.json"
    assert {(one.compress_type, one.date_time) for one in members} == {(zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0))}
    assert bundle.stat().st_mode & 0o777 == 0o600


def test_a_gallery_that_is_not_what_was_written_is_not_exported(filled, tmp_path):
    with filled._database.write() as connection:
        connection.exec_driver_sql("UPDATE identity SET name = 'eve' WHERE name = 'ada'")
    with pytest.raises(StoreError, match="samples are not what was written"):
        export_gallery(filled, filled.galleries.get("people"), tmp_path / "b", crops=True)
    assert not (tmp_path / "b").exists()


def test_a_damaged_vector_is_not_exported(filled, tmp_path):
    with filled._database.write() as connection:
        connection.execute(vector.update().where(vector.c.sample_id == 1).values(vector=bytes(16)))
    with pytest.raises(StoreError, match="vectors are not what was written"):
        export_gallery(filled, filled.galleries.get("people"), tmp_path / "b", crops=True)


def test_only_a_bundle_is_replaced_and_never_a_link(bundle, tmp_path):
    rows = read_bundle(bundle)
    before = bundle.read_bytes()
    write_bundle(rows.rows, bundle)
    assert bundle.read_bytes() == before
    (tmp_path / "letter.txt").write_text("dear")
    (tmp_path / "link").symlink_to(bundle)
    for path in (tmp_path / "letter.txt", tmp_path / "link", tmp_path):
        with pytest.raises(UsageError):
            write_bundle(rows.rows, path)
    assert (tmp_path / "letter.txt").read_text() == "dear"
    with pytest.raises(StoreError, match="choose a folder"):
        write_bundle(rows.rows, tmp_path / "nowhere" / "b")
