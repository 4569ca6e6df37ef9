"""What a server refuses, each as it really does: a password, an extension that is not installed or too old, rights."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from postgres_server import PostgresServer
from store_factories import DIM, new_samples

from identity.core.errors import StoreError
from identity.core.types import Role
from identity.store.galleries import SqlGalleries
from identity.store.postgres.database import PostgresDatabase
from identity.store.samples import SampleStore


def _refused(url: str, said: str) -> str:
    with pytest.raises(StoreError, match=said) as told:
        PostgresDatabase.open(url, timeout_s=0.5)
    assert "\n" not in str(told.value)
    return str(told.value)


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


@pytest.fixture
def guarded(postgres: PostgresServer) -> Iterator[str]:
    """The address of a database that the server lets nobody into without a password."""
    url, rules = postgres.new_database(), postgres.data / "pg_hba.conf"
    before = rules.read_text()
    postgres.sql("CREATE ROLE ada LOGIN PASSWORD 'right'")
    postgres.sql(f"ALTER DATABASE {_name(url)} OWNER TO ada; CREATE EXTENSION vector", database=_name(url))
    rules.write_text(f"local {_name(url)} ada scram-sha-256\n{before}")
    postgres.sql("SELECT pg_reload_conf()")
    yield url
    rules.write_text(before)
    postgres.sql("SELECT pg_reload_conf()")
    postgres.sql(f"DROP DATABASE {_name(url)} WITH (FORCE)")
    postgres.sql("DROP ROLE ada")


def test_a_wrong_password_and_none_are_one_line_that_repeats_neither(guarded: str, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))
    wrong = _refused(guarded.replace("identity@", "ada:wrong@"), "refuses this user .*password authentication failed")
    assert ":wrong" not in wrong
    assert "~/.pgpass" in wrong
    _refused(guarded.replace("identity@", "ada@"), "refuses this user .*no password supplied.*~/.pgpass")


def test_the_right_password_in_the_address_or_in_the_users_file_opens(guarded: str, tmp_path, monkeypatch) -> None:
    PostgresDatabase.open(guarded.replace("identity@", "ada:right@")).close()
    kept = tmp_path / "pgpass"
    kept.write_text("*:*:*:ada:right\n")
    kept.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(kept))
    PostgresDatabase.open(guarded.replace("identity@", "ada@")).close()


def test_a_server_that_has_no_pgvector_is_told_to_install_it(postgres: PostgresServer) -> None:
    """The server looks for extensions elsewhere in this database, and finds none."""
    url = postgres.new_database()
    postgres.sql(f"ALTER DATABASE {_name(url)} SET extension_control_path = '/nowhere'")
    _refused(url, r"cannot do what is needed \(.*vector.*\): install pgvector on the server")
    assert postgres.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'identity'", database=_name(url)) == [(0,)]


def test_a_database_whose_pgvector_is_too_old_is_told_to_update_it(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    postgres.sql("CREATE EXTENSION vector; UPDATE pg_extension SET extversion = '0.6.2'", database=_name(url))
    _refused(url, r"has pgvector 0\.6\.2: install 0\.7 or newer .*ALTER EXTENSION vector UPDATE")


@pytest.fixture
def reader(postgres: PostgresServer, postgres_url: str) -> Iterator[str]:
    """The address for a user who may read every table, and no more."""
    postgres.sql("CREATE ROLE guest_reader LOGIN")
    postgres.sql(
        "GRANT USAGE ON SCHEMA identity TO guest_reader; GRANT SELECT ON ALL TABLES IN SCHEMA identity TO guest_reader",
        database=_name(postgres_url),
    )
    yield postgres_url.replace("identity@", "guest_reader@")
    postgres.sql("DROP OWNED BY guest_reader; DROP ROLE guest_reader", database=_name(postgres_url))


def test_who_may_only_read_reads_and_is_told_whom_to_ask_when_writing(postgres_url: str, reader: str) -> None:
    owning, reading = PostgresDatabase.open(postgres_url), PostgresDatabase.open(reader)
    gallery = SqlGalleries(owning).create("g", model="m", detector="d", space="s", dim=DIM)
    SampleStore(owning, gallery).add(new_samples(0, 10))
    seen = SampleStore(reading, SqlGalleries(reading).get("g"))
    assert len(seen.all_vectors(Role.GALLERY)[1].ids) == 10
    with pytest.raises(StoreError, match=r"may not do that .*permission denied.*let its owner GRANT it") as told:
        seen.add(new_samples(100, 1))
    assert "\n" not in str(told.value)
    assert len(seen.find()) == 10
    owning.close()
    reading.close()
