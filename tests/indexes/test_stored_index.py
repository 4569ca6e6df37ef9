"""The search of vectors where they are stored, against looking at every vector: by the database, and in portions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4

import numpy as np
import pytest
from databases import address_of, open_database
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from search_oracle import KINDS, Oracle, check, hard_vectors

from identity.core.distance import unit_vectors
from identity.core.errors import GalleryChangedError, SpaceMismatchError
from identity.core.nearest import Sought
from identity.core.types import NO_ID, Box, Labelled, NewSample, Role, SourceImage
from identity.indexes import stored
from identity.indexes.stored import StoredIndex
from identity.store import vector_rows
from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.transactions import SqlDatabase


@pytest.fixture
def database(kind: str, tmp_path: Path) -> Iterator[SqlDatabase]:
    """One for all examples of a test: galleries of the same dimension lie beside each other."""
    opened = open_database(address_of(tmp_path))
    yield opened
    opened.close()


def filled(database: SqlDatabase, vectors: np.ndarray, people: np.ndarray, *, held_out: int = 0) -> SampleStore:
    """A gallery of these vectors; those of NO_ID have no name, and the last ones are for calibration."""
    name = uuid4().hex
    gallery = SqlGalleries(database).create(name, model="m", detector="d", space="s", dim=vectors.shape[1])
    store = SampleStore(database, gallery)
    new = [
        NewSample(
            SourceImage("drawn", f"{place}.png", content=place.to_bytes(32, "big")),
            Box(0, 0, 1, 1), vector, None if person == NO_ID else f"p{person}",
            Role.CALIBRATION if place >= len(vectors) - held_out else Role.GALLERY,
        )
        for place, (vector, person) in enumerate(zip(vectors, people.tolist(), strict=True))
    ]  # fmt: skip
    store.add(new)
    return store


def index_of(store: SampleStore) -> StoredIndex:
    return StoredIndex(store.stored_vectors(store.gallery.changes))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    vectors_kind=st.sampled_from(KINDS),
    n=st.integers(1, 60),
    people=st.integers(1, 20),
    dim=st.sampled_from([1, 3, 16, 33]),
    k=st.integers(1, 4),
    reach=st.sampled_from([0.0, 0.1, 0.7, np.inf]),
    identities=st.integers(0, 4),
    samples=st.integers(0, 6),
    listed=st.sampled_from([(1, 2), (4, 16), (128, 2048)]),
    few=st.sampled_from([0, 8]),
    most=st.sampled_from([2, 100_000]),
    portion=st.sampled_from([1, 200, 1 << 24]),
    seed=st.integers(0, 2**31),
)
def test_finds_what_looking_at_every_vector_finds(
    database, vectors_kind, n, people, dim, k, reach, identities, samples, listed, few, most, portion, seed
) -> None:
    rng = np.random.default_rng(seed)
    vectors = hard_vectors(vectors_kind, n, dim, rng)
    store = filled(database, vectors, rng.integers(-1, people, n), held_out=n // 5)
    _, held = store.all_vectors(Role.GALLERY)
    probes = np.concatenate([vectors[rng.integers(0, n, 2)], hard_vectors(vectors_kind, 2, dim, rng)])
    sought = Sought(k, reach, identities, samples)
    sizes = {"LISTED": listed, "FEW_PROBES": few, "MOST_LISTED": most}
    with patch.multiple(stored, **sizes), patch.object(vector_rows, "PORTION_BYTES", portion):
        index = index_of(store)
        assert index.identities.tolist() == np.unique(held.identities).tolist()
        check(index.search(probes, sought=sought), Oracle.of(held, probes), sought)


def test_the_nearest_of_one_identity_are_found(database) -> None:
    rng = np.random.default_rng(2)
    vectors = hard_vectors("any", 30, 8, rng)
    store = filled(database, vectors, rng.integers(-1, 4, 30))
    _, held = store.all_vectors(Role.GALLERY)
    asked = np.unique(held.identities)
    own = index_of(store).own(vectors[: len(asked)], asked, k=3)
    for place, identity in enumerate(asked.tolist()):
        near = np.sort(1 - vectors[place].astype(float) @ held.vectors[held.identities == identity].T.astype(float))[:3]
        np.testing.assert_allclose(own[place, : len(near)], near, atol=1e-6)


def test_a_gallery_that_was_changed_is_not_searched_as_it_was(database) -> None:
    vectors = hard_vectors("any", 5, 8, np.random.default_rng(3))
    store = filled(database, vectors, np.zeros(5, np.int64))
    index = index_of(store)
    store.remove([store.find()[0].id])
    with pytest.raises(GalleryChangedError):
        index.search(vectors[:1], sought=Sought())


def test_probes_of_another_dimension_are_refused(database) -> None:
    store = filled(database, hard_vectors("any", 5, 8, np.random.default_rng(3)), np.zeros(5, np.int64))
    with pytest.raises(SpaceMismatchError, match="dimension 8"):
        index_of(store).search(np.zeros((1, 9), np.float32), sought=Sought())


def test_an_empty_gallery_finds_nothing(database) -> None:
    store = filled(database, np.empty((0, 8), np.float32), np.empty(0, np.int64))
    found = index_of(store).search(np.ones((2, 8), np.float32), sought=Sought(k=3, identities=2, samples=2))
    assert (len(found), len(found.identities)) == (2, 0)


def test_no_probe_finds_nothing(database) -> None:
    store = filled(database, hard_vectors("any", 5, 8, np.random.default_rng(3)), np.zeros(5, np.int64))
    assert len(index_of(store).search(np.empty((0, 8), np.float32), sought=Sought())) == 0


def test_many_vectors_are_read_in_portions_whole_and_once(database) -> None:
    vectors = hard_vectors("any", 50, 8, np.random.default_rng(3))
    store = filled(database, vectors, np.zeros(50, np.int64))
    with patch.object(vector_rows, "PORTION_BYTES", 7 * 32):
        portions: list[Labelled] = list(store.stored_vectors(store.gallery.changes).portions())
        assert [len(one.ids) for one in portions] == [7] * 7 + [1]
        assert np.array_equal(np.concatenate([one.vectors for one in portions]), vectors)
        assert np.array_equal(store.all_vectors(Role.GALLERY)[1].vectors, vectors)


def test_ranges_of_ids_are_about_equal_and_give_every_sample_once(database) -> None:
    vectors = hard_vectors("any", 50, 8, np.random.default_rng(3))
    store = filled(database, vectors, np.zeros(50, np.int64), held_out=3)
    store.remove([one.id for one in store.find(limit=20)[5:10]])
    where, (_, held) = store.stored_vectors(store.gallery.changes), store.all_vectors(Role.GALLERY)
    assert len(held.ids) == 42
    for parts, most, sizes in ((4, 100, [11, 11, 11, 9]), (2, 20, [20, 20, 2]), (1, 42, [42]), (99, 100, [1] * 42)):
        ends = where.ends(parts, most=most)
        ranges = [where.between(after, last) for after, last in zip((0, *ends), ends, strict=False)]
        assert [len(one.ids) for one in ranges] == sizes
        assert np.array_equal(np.concatenate([one.ids for one in ranges]), held.ids)
        assert np.array_equal(np.concatenate([one.vectors for one in ranges]), held.vectors)


def test_a_server_reckons_for_one_probe_and_no_vector_is_read_that_cannot_matter(database) -> None:
    rng = np.random.default_rng(5)
    directions = hard_vectors("any", 40, 16, rng)
    people = np.repeat(np.arange(40), 25)
    store = filled(database, unit_vectors(directions[people] + 0.05 * rng.normal(size=(1000, 16))), people)
    index = index_of(store)
    portions = patch.object(StoredIndex, "_read_through", side_effect=AssertionError)
    with portions, patch.object(stored, "LISTED", (32, 256)):
        if not index.stored.ranks:
            pytest.skip("SQLite reckons no products")
        found = index.search(directions[:3], sought=Sought(5, 0.3, identities=2, samples=3))
    names = store.identities()
    best = [found.identities[row] for row in found.offsets[:-1]]
    assert {names[int(one)] for one in found.identities.tolist()} >= {"p0", "p1", "p2"}
    assert len(best) == 3
