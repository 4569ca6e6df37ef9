"""What a search reads is always the truth: snapshot less superseded plus later is every sample there is."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_factories import new_samples, url_of

from identity.core.errors import SpaceMismatchError, StoreError
from identity.core.search_state import Snapshot
from identity.core.types import GalleryRecord, Labelled, Role
from identity.store.galleries import SqlGalleries
from identity.store.integrity import damaged_vectors
from identity.store.samples import SampleStore
from identity.store.sqlite.database import Database
from identity.store.tables import vector

_FILES: dict[str, Labelled] = {}  # what a snapshot file would hold, by token


def _snapshot(gallery: GalleryRecord, read: Labelled, token: str = "t") -> Snapshot:
    _FILES[token] = read
    last_id = int(read.ids[-1]) if len(read.ids) else 0
    return Snapshot(token, gallery.uuid, gallery.space, last_id, gallery.dim, len(read.ids))


def _found(store: SampleStore) -> dict[int, tuple[int, bytes]]:
    state = store.search_state()
    held = {} if state.snapshot is None else _rows(_FILES[state.snapshot.token])
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
    state = store.search_state()
    assert (state.snapshot, state.superseded.tolist()) == (None, [])
    assert state.later.ids.tolist() == ids.tolist()
    assert state.changes == store.gallery.changes


def test_after_a_snapshot_only_what_changed_is_read(store, gallery, samples):
    ids = store.add(samples(0, 10))
    changes, read = store.all_vectors(Role.GALLERY)
    store.publish(_snapshot(gallery, read), changes=changes)
    assert store.search_state().later.ids.tolist() == []
    added = store.add(samples(50, 2))
    store.relabel(ids[:1], "other")
    store.remove(ids[1:2])
    state = store.search_state()
    assert state.snapshot == _snapshot(gallery, read)
    assert state.superseded.tolist() == ids[:2].tolist()
    assert state.later.ids.tolist() == [ids[0], *added]


def test_a_later_sample_that_was_relabelled_or_removed_is_no_matter_of_the_snapshot(store, gallery, samples):
    store.add(samples(0, 3))
    changes, read = store.all_vectors(Role.GALLERY)
    store.publish(_snapshot(gallery, read), changes=changes)
    added = store.add(samples(50, 3))
    store.relabel(added[:1], "other")
    store.remove(added[1:2])
    state = store.search_state()
    assert state.superseded.tolist() == []
    assert state.later.ids.tolist() == [added[0], added[2]]


def test_a_relabelling_while_the_snapshot_was_built_is_not_forgotten(store, gallery, samples):
    ids = store.add(samples(0, 4))
    store.relabel(ids[2:3], "before")
    changes, read = store.all_vectors(Role.GALLERY)
    store.relabel(ids[:1], "meanwhile")
    store.remove(ids[3:])
    store.publish(_snapshot(gallery, read), changes=changes)
    state = store.search_state()
    assert state.superseded.tolist() == [ids[0], ids[3]]
    assert state.later.ids.tolist() == [ids[0]]


def test_a_snapshot_that_was_read_earlier_never_replaces_a_newer_one(store, gallery, samples):
    ids = store.add(samples(0, 4))
    early, read_early = store.all_vectors(Role.GALLERY)
    store.remove(ids[:1])
    late, read_late = store.all_vectors(Role.GALLERY)
    store.publish(_snapshot(gallery, read_late, "late"), changes=late)
    store.publish(_snapshot(gallery, read_early, "early"), changes=early)
    assert store.search_state().snapshot == _snapshot(gallery, read_late, "late")
    assert ids[0] not in _found(store)


def test_publishing_counts_as_a_change_so_that_others_reopen(store, gallery, samples):
    store.add(samples(0, 1))
    changes, read = store.all_vectors(Role.GALLERY)
    store.publish(_snapshot(gallery, read), changes=changes)
    assert store.gallery.changes == changes + 1


@pytest.mark.parametrize("field", ["gallery", "space", "dim"])
def test_a_snapshot_of_another_gallery_or_space_is_refused(store, gallery, field):
    foreign = {"gallery": gallery.uuid, "space": gallery.space, "dim": gallery.dim} | {field: "other"}
    with pytest.raises(SpaceMismatchError):
        store.publish(Snapshot(token="t", last_id=0, length=0, **foreign), changes=0)


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
    store.publish(_snapshot(gallery, read), changes=changes)
    ids = [*ids.tolist(), *store.add(samples(2, 2)).tolist()]
    with database.write() as connection:
        connection.execute(vector.delete().where(vector.c.sample_id == ids[which]))
    reads = [lambda: store.all_vectors(Role.GALLERY), lambda: store.vectors(ids)]
    for read in reads + [store.search_state] * (which > 1):
        with pytest.raises(StoreError, match=rf"1 samples of gallery 'digits' .*first is {ids[which]}\)"):
            read()
    assert store.vectors([ids[1], 10_000]).ids.tolist() == [ids[1]]
    assert damaged_vectors(database, gallery) == [ids[which]]


_ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 4)),
        st.tuples(st.just("relabel"), st.integers(0, 9)),
        st.tuples(st.just("remove"), st.integers(0, 9)),
        st.tuples(st.just("read"), st.just(0)),
        st.tuples(st.just("publish"), st.integers(0, 3)),
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = Database.open(url_of(tmp_path_factory.mktemp("shared") / "identity.db"))
    yield opened
    opened.close()


@settings(max_examples=60, deadline=None)
@given(actions=_ACTIONS)
def test_snapshot_less_superseded_plus_later_is_every_sample_whatever_happened(shared, actions):
    gallery = SqlGalleries(shared).create(uuid4().hex, model="m", detector="d", space="s", dim=8)
    store, reads = SampleStore(shared, gallery), []
    for step, (action, number) in enumerate(actions):
        held = [sample.id for sample in store.find()]
        chosen = held[number : number + 3]
        match action:
            case "add":
                store.add(new_samples(step * 10, number))
            case "relabel":
                store.relabel(chosen, f"name {number % 2}")
            case "remove":
                store.remove(chosen)
            case "read":
                reads.append(store.all_vectors(Role.GALLERY))
            case "publish" if reads:
                changes, read = reads[-1 - number % len(reads)]
                store.publish(_snapshot(gallery, read, f"t{step}"), changes=changes)
        assert _found(store) == _rows(store.all_vectors(Role.GALLERY)[1])
