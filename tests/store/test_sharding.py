"""Distributing is all or nothing; a database that is distributed forgets, is examined and fails as one that is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from citus_stand_in import TABLES, ShardedServer, of
from citus_statements import collected
from databases import lent_by
from store_factories import DIM, new_samples

from identity.core.errors import StoreBusyError, StoreError
from identity.store.galleries import SqlGalleries
from identity.store.postgres import migration
from identity.store.postgres.database import PostgresDatabase
from identity.store.samples import SampleStore
from identity.store.sql import SqlStore

KEYS = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text ~ 'vector|crop|reembedded'"


@pytest.fixture
def sharded(sharded_postgres: ShardedServer, tmp_path) -> Iterator[PostgresDatabase]:
    """A sharded database with 20 samples in the gallery 'digits'."""
    with lent_by(sharded_postgres) as lending:
        opened = PostgresDatabase.open(lending.address(tmp_path))
        _store(opened).add(new_samples(0, 20))
        yield opened
        opened.close()


def _store(database: PostgresDatabase) -> SampleStore:
    return SampleStore(database, SqlGalleries(database).create("digits", model="m", detector="d", space="s", dim=DIM))


@pytest.mark.parametrize(
    ("workers", "sabotage", "cause", "cure"),
    [
        (("one",), "DROP EXTENSION citus", "the database has no Citus", "run CREATE EXTENSION citus"),
        ((), "SELECT 1", "the Citus cluster has no workers", "SELECT citus_add_node('host', 5432)"),
        (("one",), "UPDATE pg_extension SET extversion = '10.2-4' WHERE extname = 'citus'", "Citus 10.2-4", "11.1 or"),
        (("dead",), "SELECT 1", "connection to the remote node dead:5432 failed", "check that all workers run"),
        (("one",), "CREATE UNIQUE INDEX u ON identity.crop (image)", "cannot create constraint", "nothing was changed"),
    ],
)
def test_what_citus_cannot_take_is_said_with_its_cure_and_nothing_is_changed(
    sharded_postgres: ShardedServer, workers: tuple[str, ...], sabotage: str, cause: str, cure: str
) -> None:
    url = sharded_postgres.cluster(*workers)
    sharded_postgres.sql(sabotage, **of(url))
    database = PostgresDatabase.open(url)
    with pytest.raises(StoreError, match=cause) as raised:
        database.shard()
    assert cure in str(raised.value)
    assert sharded_postgres.sql(KEYS, **of(url)) == [(3,)]
    database.close()


def test_postgresql_without_citus_is_refused_in_the_same_words(postgres_url: str) -> None:
    database = PostgresDatabase.open(postgres_url)
    with pytest.raises(StoreError, match="the database has no Citus: install it"):
        database.shard()
    database.close()


def test_who_does_not_own_the_tables_is_told_to_run_it_as_their_owner(sharded_postgres: ShardedServer) -> None:
    url = sharded_postgres.cluster("one")
    sharded_postgres.sql(
        "CREATE ROLE guest LOGIN; GRANT ALL ON SCHEMA identity TO guest; GRANT ALL ON ALL TABLES IN SCHEMA identity TO"
        " guest; GRANT SELECT ON ALL TABLES IN SCHEMA pg_catalog TO guest",
        **of(url),
    )
    database = PostgresDatabase.open(url.replace("identity@", "guest@"))
    with pytest.raises(StoreError, match=r"may not distribute the table 'vector' .*: run this as its owner"):
        database.shard()
    database.close()


def test_somebody_who_writes_is_named(sharded_postgres: ShardedServer) -> None:
    url = sharded_postgres.cluster("one")
    writer, database = PostgresDatabase.open(url, command="enrolling"), PostgresDatabase.open(url, timeout_s=0.2)
    store = _store(writer)
    with writer.write(store.gallery) as connection:
        connection.exec_driver_sql("LOCK TABLE crop IN ROW EXCLUSIVE MODE")
        with pytest.raises(StoreBusyError, match="is being written by 'enrolling'"):
            database.shard()
    assert database.shard().moved == TABLES
    writer.close()
    database.close()


def test_a_table_that_came_later_is_distributed_beside_the_others(sharded_postgres: ShardedServer) -> None:
    url = sharded_postgres.cluster("one")
    sharded_postgres.sql(
        "ALTER TABLE identity.vector DROP CONSTRAINT fk_vector_sample_id;"
        "SELECT create_distributed_table('identity.vector', 'sample_id', shard_count => 6)",
        **of(url),
    )
    database = PostgresDatabase.open(url)
    report = database.shard(shards=2)
    assert (report.moved, report.shards) == (("crop", "reembedded"), 6)
    assert database.shard().moved == ()
    database.close()


def test_a_row_that_outlived_its_sample_is_found(sharded: PostgresDatabase) -> None:
    assert sharded.problems() == []
    for table in ("crop", "vector"):
        with sharded.write() as connection:
            connection.exec_driver_sql("DELETE FROM sample WHERE id = 20")
        assert f"a row of table '{table}' refers to nothing" in sharded.problems()
        with sharded.write() as connection:
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE sample_id = 20")
    assert sharded.problems() == []


def test_forgetting_writes_the_shards_anew_and_asks_the_workers(sharded: PostgresDatabase) -> None:
    store = SqlStore(sharded)
    assert store.samples(store.galleries.get("digits")).remove([1, 2]) == 2
    with collected() as statements:
        store.erase_removed(list(store.removals()))
    assert {f"VACUUM (FULL) {table}" for table in TABLES} <= statements
    assert sum("run_command_on_workers" in one for one in statements) == 2


def test_a_newer_schema_alters_no_table_that_is_distributed(sharded: PostgresDatabase) -> None:
    with collected(), sharded.write() as connection:
        before = connection.exec_driver_sql("SELECT xmin FROM pg_class WHERE relname = 'vector'").scalar()
        migration._settle(connection)
        assert connection.exec_driver_sql("SELECT xmin FROM pg_class WHERE relname = 'vector'").scalar() == before
        assert connection.exec_driver_sql("SELECT xmin FROM pg_class WHERE relname = 'image'").scalar() != before


def test_a_worker_that_is_gone_is_an_error_that_says_so(sharded: PostgresDatabase) -> None:
    for statement in (
        "CREATE FUNCTION gone(bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
        " 'connection to the remote node two:5432 failed' USING ERRCODE = '08006'; END $$",
        "ALTER TABLE crop ADD CHECK (gone(sample_id)) NOT VALID",
    ):
        with sharded.write() as connection:
            connection.exec_driver_sql(statement)
    store = SqlStore(sharded)
    samples = store.samples(store.galleries.get("digits"))
    with pytest.raises(StoreError, match=r"a worker of .* cannot be reached .*two:5432.*: start it"):
        samples.add(new_samples(30, 3))
    assert len(samples.find(limit=100)) == 20
    with sharded.write() as connection:
        connection.exec_driver_sql("DROP FUNCTION gone CASCADE")
