"""Servers that are not there, refuse, are too old, go or are started anew: one line with cause and cure."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from postgres_server import PostgresServer
from sqlalchemy import select
from store_factories import DIM, new_samples

from identity.core.errors import StoreBusyError, StoreError, StoreGoneError, UsageError
from identity.core.types import Role
from identity.store import enrolment, schema
from identity.store import tables as t
from identity.store.galleries import SqlGalleries
from identity.store.postgres import migration
from identity.store.postgres.database import PostgresDatabase
from identity.store.samples import SampleStore


def _open(url: str) -> PostgresDatabase:
    return PostgresDatabase.open(url, timeout_s=0.5)


@pytest.fixture
def server(own_server: PostgresServer) -> PostgresServer:
    return own_server


@pytest.mark.parametrize("url", ["postgresql+psycopg2://host/db", "postgresql://host:port/db"])
def test_an_address_that_cannot_be_meant_is_refused_and_not_repeated(url):
    with pytest.raises(UsageError, match="write postgresql://user@host"):
        _open(url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://localhost:1/db", "cannot be reached .*refused.*: check that the server runs"),
        ("postgresql://nowhere.invalid/db", "cannot be reached"),
        ("postgresql:///db?host=/nowhere", "cannot be reached"),
    ],
)
def test_a_server_that_is_not_there_is_one_line(url, said):
    with pytest.raises(StoreError, match=said) as told:
        _open(url)
    assert "\n" not in str(told.value)


def test_a_database_that_is_not_there_and_a_user_that_nobody_knows_are_one_line(postgres):
    with pytest.raises(StoreError, match="does not exist: create it with 'createdb'"):
        _open(postgres.url("nowhere"))
    with pytest.raises(StoreError, match="refuses this user"):
        _open(postgres.url("postgres", user="nobody_at_all"))


def test_a_user_without_rights_is_told_what_to_ask_for(postgres):
    url = postgres.new_database()
    postgres.sql("CREATE ROLE guest LOGIN")
    with pytest.raises(StoreError, match="GRANT CREATE ON DATABASE"):
        _open(url.replace("identity@", "guest@"))


def test_a_server_without_pgvector_or_too_old_is_told_what_to_install(postgres, monkeypatch):
    url = postgres.new_database()
    monkeypatch.setattr(migration, "LEAST_SERVER", 99)
    with pytest.raises(StoreError, match="use PostgreSQL 99 or newer"):
        _open(url)
    monkeypatch.undo()
    monkeypatch.setattr(migration, "LEAST_PGVECTOR", (9, 0))
    with pytest.raises(StoreError, match=r"has pgvector 0\.\d+\.\d+: install 9\.0 or newer"):
        _open(url)
    assert postgres.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'identity'", database=_name(url)) == [(0,)]


def test_another_programs_schema_and_another_encoding_are_refused(postgres):
    url = postgres.new_database()
    postgres.sql("CREATE SCHEMA identity CREATE TABLE diary (day text)", database=_name(url))
    with pytest.raises(StoreError, match="belongs to another program: choose another database"):
        _open(url)
    postgres.sql("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(StoreError, match="encoding LATIN1"):
        _open(postgres.url("latin"))


def test_a_schema_from_the_future_is_refused(postgres):
    url = postgres.new_database()
    _open(url).close()
    postgres.sql("UPDATE identity.alembic_version SET version_num = '9999'", database=_name(url))
    with pytest.raises(StoreError, match=rf"schema 9999, but this program reads schemas only up to {schema.REVISION}"):
        _open(url)


def test_the_migrated_schema_has_every_table_and_column(postgres_url, postgres):
    columns = postgres.sql(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'identity'",
        database=_name(postgres_url),
    )
    wanted = {(table.name, column.name) for table in schema.all_tables().sorted_tables for column in table.columns}
    assert set(columns) - {("alembic_version", "version_num")} == wanted
    texts = "SELECT DISTINCT collation_name FROM information_schema.columns WHERE table_schema = 'identity' "
    assert postgres.sql(texts + "AND data_type = 'text'", database=_name(postgres_url)) == [("C",)]


def test_a_server_that_was_started_anew_is_no_error_for_who_comes_later(server):
    store = _gallery(_open(server.new_database()))
    ids = store.add(new_samples(0, 10)).tolist()
    server.stop(signal.SIGQUIT)  # as if it had crashed
    server.start()
    assert store.all_vectors(Role.GALLERY)[1].ids.tolist() == ids
    assert len(store.add(new_samples(100, 10))) == 10


def test_a_server_that_goes_in_the_middle_keeps_nothing_of_what_was_not_acknowledged(server):
    database = _open(server.new_database())
    store = _gallery(database)
    store.add(new_samples(0, 10))
    with pytest.raises(StoreError, match="was lost, and nothing of this step was written: run the command"):
        _write_half(database, store, server)
    server.start()
    assert len(store.find()) == 10


def test_a_server_that_is_killed_while_rows_are_read_is_one_line_and_nothing_is_logged(server, caplog):
    database = _open(server.new_database())
    store = _gallery(database)
    store.add(new_samples(0, 500))

    def read() -> None:
        with database.read() as connection:
            rows = connection.execution_options(yield_per=10).execute(select(t.vector))
            next(rows.partitions())
            server.kill()
            for _ in rows.partitions():
                pass

    with pytest.raises(StoreGoneError, match="was lost"):
        read()
    assert caplog.records == []
    server.start()
    assert store.count(Role.GALLERY) == 500


def test_a_server_that_was_killed_is_waited_for_while_it_recovers(server):
    store = _gallery(PostgresDatabase.open(server.new_database(), timeout_s=30))
    store.add(new_samples(0, 10))
    server.kill()
    with ThreadPoolExecutor(1) as asking:  # not `start`: the server goes with the thread that started it
        found = asking.submit(store.find)
        server.start()
        assert len(found.result()) == 10


def test_a_commit_that_nobody_answers_is_said_to_be_open(server):
    database = _open(server.new_database())
    store = _gallery(database)
    with pytest.raises(StoreError, match="may or may not have been kept"):
        _write_half(database, store, server, rest=0)
    server.start()
    assert store.find() == []


def test_a_reader_that_still_sees_who_was_removed_is_spoken_of(postgres_url):
    database = _open(postgres_url)
    store = _gallery(database)
    ids = store.add(new_samples(0, 10)).tolist()
    other = PostgresDatabase.open(postgres_url, command="identity serve")
    with other.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM removal").scalar()
        store.remove(ids[:1])
        with pytest.raises(StoreBusyError, match=r"removed, but the bytes are still .*'identity serve'"):
            database.erase_deleted()
    database.erase_deleted()
    database.close()
    other.close()


def _write_half(database: PostgresDatabase, store: SampleStore, server: PostgresServer, *, rest: int = 10) -> None:
    with database.write(store.gallery) as connection:
        enrolment.add(connection, store.gallery, new_samples(100, 10), skipped=())
        server.stop(signal.SIGQUIT)
        if rest:
            enrolment.add(connection, store._gallery, new_samples(200, rest), skipped=())


def _gallery(database: PostgresDatabase) -> SampleStore:
    return SampleStore(database, SqlGalleries(database).create("g", model="m", detector="d", space="s", dim=DIM))


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]
