"""On a real Citus cluster, where `IDENTITY_TEST_CITUS` has the address of an empty database of its coordinator."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pytest
from citus_statements import fit_for_citus
from store_factories import DIM, new_samples

from identity.core.types import Role
from identity.store.galleries import SqlGalleries
from identity.store.postgres.database import PostgresDatabase
from identity.store.sql import SqlStore

URL = os.environ.get("IDENTITY_TEST_CITUS")
pytestmark = pytest.mark.skipif(URL is None, reason="needs a Citus cluster, named by IDENTITY_TEST_CITUS")


@pytest.fixture
def store() -> Iterator[SqlStore]:
    """A store of a sharded database, with an empty gallery 'digits'."""
    assert URL is not None
    database = PostgresDatabase.open(URL)
    opened = SqlStore(database)
    for one in opened.galleries.list():
        opened.galleries.delete(one.name)
    opened.shard(shards=4)
    SqlGalleries(database).create("digits", model="m", detector="d", space="s", dim=DIM)
    with fit_for_citus():
        yield opened
    opened.close()


def test_what_is_distributed_stays_so(store: SqlStore) -> None:
    report = store.shard(shards=8)
    assert (report.tables, report.moved) == (("vector", "crop", "reembedded"), ())
    assert report.workers > 0


def test_a_gallery_on_workers_enrols_answers_forgets_and_is_sound(store: SqlStore) -> None:
    gallery = store.galleries.get("digits")
    samples, given = store.samples(gallery), new_samples(0, 300)
    ids = samples.add(given)
    _, read = samples.all_vectors(Role.GALLERY)
    assert read.ids.tolist() == ids.tolist()
    assert read.vectors.tobytes() == np.stack([one.vector for one in given]).tobytes()
    assert samples.crops(ids[:3]) == {int(id_): one.crop for id_, one in zip(ids[:3], given, strict=False)}
    assert samples.relabel(ids[:5], "another") == 5
    assert samples.remove(ids[100:200]) == 100
    assert len(samples.vectors(ids).ids) == 200
    assert (store.problems(), store.broken_seals(gallery), store.damaged_vectors(gallery)) == ([], [], [])
    store.erase_removed(list(store.removals()))
    assert store.galleries.delete("digits") == 200
    assert store.problems() == []


def test_rows_travel_between_a_cluster_and_itself(store: SqlStore) -> None:
    gallery = store.galleries.get("digits")
    store.samples(gallery).add(new_samples(0, 50))
    arrived = store.put_rows(store.rows(gallery), name="copied")
    assert arrived.added["vector"] == 50
    assert store.broken_seals(store.galleries.get("copied")) == []
