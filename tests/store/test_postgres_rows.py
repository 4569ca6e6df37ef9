"""What PostgreSQL has to keep as SQLite does: every bit, the order of ids; and what it may not say."""

from __future__ import annotations

import multiprocessing
import threading
from dataclasses import replace

import numpy as np
import pytest
from databases import open_database
from store_factories import DIM, new_samples

from identity.core.errors import StoreBusyError, UsageError
from identity.core.types import Role
from identity.store.galleries import SqlGalleries
from identity.store.opening import open_store, restore_store
from identity.store.postgres.database import PostgresDatabase
from identity.store.samples import SampleStore
from identity.store.sql import SqlStore

ODD = np.array([-0.0, 0.0, 1e-45, -1e-45, 1.17549435e-38, 3.4028235e38, -3.4028235e38, 0.1], "<f4")


@pytest.fixture
def kind():
    return "postgresql"


@pytest.fixture
def database(postgres_url):
    opened = PostgresDatabase.open(postgres_url, timeout_s=0.3)
    yield opened
    opened.close()


@pytest.mark.parametrize("count", [1, 3, 50])
def test_a_vector_comes_back_with_every_bit_however_many_are_written(store, count):
    batch = [replace(sample, vector=np.roll(ODD, n)) for n, sample in enumerate(new_samples(0, count))]
    store.add(batch)
    held = store.all_vectors(Role.GALLERY)[1].vectors
    assert held.tobytes() == b"".join(np.roll(ODD, n).tobytes() for n in range(count))


def test_the_server_computes_with_the_vectors_and_keeps_them_in_their_rows(postgres, postgres_url, store):
    name = postgres_url.partition("@/")[2].partition("?")[0]
    store.add(new_samples(0, 5))
    alike = "SELECT count(*) FROM identity.vector a, identity.vector b WHERE a.vector OPERATOR(public.<#>) b.vector < 0"
    assert postgres.sql(alike, database=name)[0][0] >= 5
    large = SampleStore(store._transactions, SqlGalleries(store._transactions).create(
        "large", model="m", detector="d", space="s", dim=2000))  # fmt: skip
    large.add(new_samples(100, 50, dim=2000))
    elsewhere = "SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE oid = 'identity.vector'::regclass"
    assert postgres.sql(elsewhere, database=name) == [(0,)]


def test_vectors_too_long_for_a_row_are_kept_too(database):
    longest = SqlGalleries(database).create("longest", model="m", detector="d", space="s", dim=4096)
    store = SampleStore(database, longest)
    batch = new_samples(0, 3, dim=4096)
    store.add(batch)
    assert store.all_vectors(Role.GALLERY)[1].vectors.tobytes() == np.stack([one.vector for one in batch]).tobytes()


def test_names_are_in_the_order_of_their_bytes_whatever_the_server_speaks(database):
    galleries = SqlGalleries(database)
    for name in ("b", "A", "ä", "B", "a"):
        galleries.create(name, model="m", detector="d", space="s", dim=DIM)
    assert [gallery.name for gallery in galleries.list()] == ["A", "B", "a", "b", "ä"]


def test_statistics_keep_nothing_of_what_people_gave(postgres, postgres_url, store):
    name = postgres_url.partition("@/")[2].partition("?")[0]
    store.add(new_samples(0, 300, identity="Zoë Quillfeather"))
    postgres.sql("ANALYZE", database=name)
    kept = "SELECT tablename, attname FROM pg_stats WHERE schemaname = 'identity' AND attname IN "
    assert postgres.sql(kept + "('name', 'path', 'source', 'image', 'vector', 'content')", database=name) == []


def test_a_second_writer_of_a_gallery_waits_and_is_told_who_writes(postgres_url, store, gallery):
    enrolling = PostgresDatabase.open(postgres_url, command="identity enroll -g digits")
    with enrolling.write(gallery):
        said = r"being written by 'identity enroll -g digits' \(session \d+, since 20"
        with pytest.raises(StoreBusyError, match=said):
            store.add(new_samples(0, 1))
        assert store.find() == [], "readers go on"
    assert len(store.add(new_samples(0, 1))) == 1
    enrolling.close()


def test_who_writes_to_another_gallery_does_not_wait(postgres_url, database, store, gallery):
    other = PostgresDatabase.open(postgres_url)
    with other.write(gallery):
        second = SqlGalleries(database).create("second", model="m", detector="d", space="s", dim=DIM)
        assert len(SampleStore(database, second).add(new_samples(0, 3))) == 3
    other.close()


def test_several_programs_write_to_two_galleries_at_once_and_every_seal_fits(postgres_url, database, gallery):
    SqlGalleries(database).create("second", model="m", detector="d", space="s", dim=DIM)
    work = [(postgres_url, name, 1000 * turn) for turn in range(2) for name in ("digits", "second")]
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert pool.starmap(_write_many, work) == [60] * 4
    opened = SqlStore(database)
    for one in opened.galleries.list():
        assert opened.broken_seals(one) == []
        ids = opened.samples(one).all_vectors(Role.GALLERY)[1].ids
        assert len(ids) == 120


def _write_many(url: str, name: str, first: int) -> int:
    database = open_database(url, timeout_s=60)
    store = SampleStore(database, SqlGalleries(database).get(name))
    written = sum(len(store.add(new_samples(first + 10 * turn, 10, identity=f"{first}-{turn}"))) for turn in range(6))
    database.close()
    return written


def test_samples_of_one_gallery_become_visible_in_the_order_of_their_ids(postgres_url, database, gallery):
    seen: list[int] = []
    writing = [threading.Thread(target=_write_many, args=(postgres_url, "digits", 1000 * turn)) for turn in range(3)]
    for one in writing:
        one.start()
    store = SampleStore(database, gallery)
    while any(one.is_alive() for one in writing):
        ids = store.all_vectors(Role.GALLERY)[1].ids.tolist()
        assert ids[: len(seen)] == seen, "a sample came with a smaller id than one that was there"
        seen = ids


def test_an_address_is_shown_without_its_password(postgres, postgres_url):
    secret = postgres_url.replace("identity@", "identity:hunter2@") + "&password=hunter3"
    opened = open_store(secret)
    assert opened.location.startswith("postgresql://identity:***@/d")
    assert "hunter" not in opened.location
    opened.close()


def test_backups_are_the_servers_and_the_error_says_how(postgres_url, database, tmp_path):
    with pytest.raises(UsageError, match=r"pg_dump .* or write one gallery with 'identity export bundle'"):
        SqlStore(database).backup(tmp_path / "b")
    with pytest.raises(UsageError, match="pg_restore"):
        restore_store(tmp_path / "b", postgres_url)


def test_a_name_with_a_nul_is_refused_in_one_line(store):
    with pytest.raises(UsageError, match="cannot store"):
        store.add(new_samples(0, 1, identity="a\0b"))


def test_a_reader_sees_one_moment_and_writes_nothing(database, gallery):
    with database.read() as connection:
        kept = [connection.exec_driver_sql(f"SHOW transaction_{what}").scalar() for what in ("isolation", "read_only")]
    assert kept == ["repeatable read", "on"]
    with database.write(gallery) as connection:
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
    SqlStore(database).erase_removed([])
    with database.write(gallery) as connection:
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
