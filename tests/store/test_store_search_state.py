"""What a search reads is always the truth: snapshot less superseded plus later is every sample there is."""

from __future__ import annotations

import pytest

from identity.core import search_state
from identity.core.errors import SpaceMismatchError, StoreError
from identity.core.search_state import SearchState, Snapshot
from identity.core.types import GalleryRecord, Labelled, Role
from identity.store.integrity import damaged_vectors
from identity.store.samples import SampleStore
from identity.store.tables import vector

_FILES: dict[str, Labelled] = {}  # what a snapshot file would hold, by token


def _snapshot(gallery: GalleryRecord, read: Labelled, token: str = "t") -> Snapshot:
    _FILES[token[:16]] = read
    last_id = int(read.ids[-1]) if len(read.ids) else 0
    return Snapshot(token, gallery.uuid, gallery.space, last_id, gallery.dim, len(read.ids))


def _state(store: SampleStore, held: set[str] | None = None) -> SearchState:
    state = store.search_state(store.index_files.in_force() if held is None else held)
    assert state is not None, "few samples are read, whatever files there are"
    return state


def _found(store: SampleStore, held: set[str] | None = None) -> dict[int, tuple[int, bytes]]:
    state = _state(store, held)
    held = {} if state.snapshot is None else _rows(_FILES[state.snapshot.name])
    for removed in state.superseded.tolist():
        held.pop(removed, None)
    later = _rows(state.later)
    assert not held.keys() & later.keys(), "a sample would be found twice"
    return held | later


def _rows(labelled: Labelled) -> dict[int, tuple[int, bytes]]:
    assert labelled.ids.tolist() == sorted(set(labelled.ids.tolist())), "ids ascend, each once"
    rows = zip(labelled.ids.tolist(), labelled.identities.tolist(), labelled.vectors, strict=True)
    return {id_: (identity, row.tobytes()) for id_, identity, row in rows}


def test_without_a_snapshot_every_sample_is_a_later_one(store, samples):
    ids = store.add(samples(0, 5))
    state = _state(store)
    assert (state.snapshot, state.superseded.tolist()) == (None, [])
    assert state.later.ids.tolist() == ids.tolist()
    assert state.changes == store.gallery.changes


def test_after_a_snapshot_only_what_changed_is_read(store, gallery, samples):
    ids = store.add(samples(0, 10))
    changes, read = store.all_vectors(Role.GALLERY)
    store.index_files.publish(_snapshot(gallery, read), changes=changes)
    assert _state(store).later.ids.tolist() == []
    added = store.add(samples(50, 2))
    store.relabel(ids[:1], "other")
    store.remove(ids[1:2])
    state = _state(store)
    assert state.snapshot == _snapshot(gallery, read)
    assert state.superseded.tolist() == ids[:2].tolist()
    assert state.later.ids.tolist() == [ids[0], *added]


def test_a_later_sample_that_was_relabelled_or_removed_is_no_matter_of_the_snapshot(store, gallery, samples):
    store.add(samples(0, 3))
    changes, read = store.all_vectors(Role.GALLERY)
    store.index_files.publish(_snapshot(gallery, read), changes=changes)
    added = store.add(samples(50, 3))
    store.relabel(added[:1], "other")
    store.remove(added[1:2])
    state = _state(store)
    assert state.superseded.tolist() == []
    assert state.later.ids.tolist() == [added[0], added[2]]


def test_a_relabelling_while_the_snapshot_was_built_is_not_forgotten(store, gallery, samples):
    ids = store.add(samples(0, 4))
    store.relabel(ids[2:3], "before")
    changes, read = store.all_vectors(Role.GALLERY)
    store.relabel(ids[:1], "meanwhile")
    store.remove(ids[3:])
    store.index_files.publish(_snapshot(gallery, read), changes=changes)
    state = _state(store)
    assert state.superseded.tolist() == [ids[0], ids[3]]
    assert state.later.ids.tolist() == [ids[0]]


def test_a_snapshot_that_was_read_earlier_never_replaces_a_newer_one(store, gallery, samples):
    ids = store.add(samples(0, 4))
    early, read_early = store.all_vectors(Role.GALLERY)
    store.remove(ids[:1])
    late, read_late = store.all_vectors(Role.GALLERY)
    store.index_files.publish(_snapshot(gallery, read_late, "late"), changes=late)
    store.index_files.publish(_snapshot(gallery, read_early, "early"), changes=early)
    assert _state(store).snapshot == _snapshot(gallery, read_late, "late")
    assert ids[0] not in _found(store)


def test_publishing_counts_as_a_change_so_that_others_reopen(store, gallery, samples):
    store.add(samples(0, 1))
    changes, read = store.all_vectors(Role.GALLERY)
    store.index_files.publish(_snapshot(gallery, read), changes=changes)
    assert store.gallery.changes == changes + 1


@pytest.mark.parametrize("field", ["gallery", "space", "dim"])
def test_a_snapshot_of_another_gallery_or_space_is_refused(store, gallery, field):
    foreign = {"gallery": gallery.uuid, "space": gallery.space, "dim": gallery.dim} | {field: "other"}
    with pytest.raises(SpaceMismatchError):
        store.index_files.publish(Snapshot(token="t", last_id=0, length=0, **foreign), changes=0)


@pytest.mark.parametrize("damage", [lambda blob: bytes([blob[0] ^ 1]) + blob[1:], lambda blob: blob[:-4]])
def test_a_damaged_vector_is_an_error_that_names_the_sample(database, store, samples, damage):
    ids = store.add(samples(0, 3))
    with database.write() as connection:
        held = vector.c.sample_id == int(ids[1])
        blob = connection.execute(vector.select().where(held)).one().vector
        connection.execute(vector.update().where(held).values(vector=damage(blob)))
    for read in (store.search_state, lambda: store.all_vectors(Role.GALLERY)):
        with pytest.raises(StoreError, match=f"sample {ids[1]} is damaged"):
            read()


@pytest.mark.parametrize("which", [0, 2])  # in the snapshot, and after it
def test_a_sample_whose_vector_is_missing_is_an_error_and_never_just_absent(database, store, gallery, samples, which):
    ids = store.add(samples(0, 2))
    changes, read = store.all_vectors(Role.GALLERY)
    store.index_files.publish(_snapshot(gallery, read), changes=changes)
    ids = [*ids.tolist(), *store.add(samples(2, 2)).tolist()]
    with database.write() as connection:
        connection.execute(vector.delete().where(vector.c.sample_id == ids[which]))
    reads = [lambda: store.all_vectors(Role.GALLERY), lambda: store.vectors(ids)]
    for read in reads + [lambda: _state(store, {"t"})] * (which > 1):
        with pytest.raises(StoreError, match=rf"1 samples of gallery 'digits' .*first is {ids[which]}\)"):
            read()
    assert store.vectors([ids[1], 10_000]).ids.tolist() == [ids[1]]
    assert damaged_vectors(database, gallery) == [ids[which]]


@pytest.mark.parametrize("most", [4, 5])
def test_no_more_is_read_than_may_be_outside_of_a_file(store, samples, monkeypatch, most):
    store.add(samples(0, 5))
    monkeypatch.setattr(search_state, "SMALL", most)
    state = store.search_state()
    assert (state is None) == (most == 4)
    assert len(store.search_view(from_table=True).state.later.ids) == 5, "unless all is asked for"


def test_each_home_has_a_file_of_its_own_and_a_removal_leaves_none_of_others(store, gallery, samples):
    ids = store.add(samples(0, 4))
    changes, read = store.all_vectors(Role.GALLERY)
    store.index_files.publish(_snapshot(gallery, read, "here"), changes=changes, replacing=set())
    store.relabel(ids[:1], "other")
    changes, read = store.all_vectors(Role.GALLERY)
    store.index_files.publish(_snapshot(gallery, read, "there"), changes=changes, replacing=set())
    assert store.index_files.in_force() == {"here", "there"}
    assert _state(store, {"here"}).superseded.tolist() == ids[:1].tolist()
    assert _state(store, {"there"}).superseded.tolist() == []
    store.index_files.publish(_snapshot(gallery, read, "alone"), changes=changes)
    assert store.index_files.in_force() == {"alone"}
    store.index_files.withdraw()
    assert store.index_files.in_force() == set()


def test_a_file_that_is_outgrown_goes_when_another_home_writes_one(store, gallery, samples, monkeypatch):
    monkeypatch.setattr(search_state, "SMALL", 3)
    store.add(samples(0, 4))
    changes, read = store.all_vectors(Role.GALLERY)
    store.index_files.publish(_snapshot(gallery, read, "idle"), changes=changes, replacing=set())
    for start, left in ((10, {"idle", "busy"}), (20, {"busy"})):
        store.add(samples(start, 2))
        changes, read = store.all_vectors(Role.GALLERY)
        store.index_files.publish(_snapshot(gallery, read, "busy"), changes=changes, replacing={"busy"})
        assert store.index_files.in_force() == left
