"""A copied database holds every row of every table, bit for bit, whichever of the two kinds either of them is."""

from __future__ import annotations

from functools import partialmethod
from itertools import pairwise
from pathlib import Path

import pytest
from copy_worlds import DIRECTIONS, Places, Rows, fill, given_ids, held, opened, worlds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres_server import PostgresServer
from sqlalchemy import delete, insert, select

from identity import bootstrap
from identity.core.errors import NotFoundError, StoreError, UsageError
from identity.store import schema
from identity.store import tables as t
from identity.store.database_copy import streaming, tables
from identity.store.postgres.engine import Sessions

KINDS = st.sampled_from(["sqlite", "postgresql"])
each_direction = pytest.mark.parametrize(("source_kind", "target_kind"), DIRECTIONS)


def gallery_row(id_: int, name: str = "g") -> dict[str, object]:
    kept = {"model": "m", "detector": "d", "space": "s", "dim": 2, "changes": 5, "created_at": "2026"}
    return {"id": id_, "uuid": f"{id_:032x}", "name": name, **kept}


def test_each_table_of_the_store_is_copied_or_said_not_to_be() -> None:
    assert set(tables.COPIED) | tables.NOT_COPIED == {table.name for table in schema.all_tables().sorted_tables}
    assert not set(tables.COPIED) & tables.NOT_COPIED
    assert [table.name for table in tables.copied_tables()].index("gallery") == 0


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=worlds(), kinds=st.lists(KINDS, min_size=2, max_size=4), portion=st.integers(1, 5))
def test_whatever_a_database_holds_arrives_through_any_chain_of_databases(
    tmp_path: Path, postgres: PostgresServer, rows: Rows, kinds: list[str], portion: int
) -> None:
    places = Places(tmp_path, postgres)
    chain = [places.new(kind) for kind in kinds]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streaming, "_PORTION_ROWS", portion)
        patch.setattr(streaming, "_FETCHED", portion)
        patch.setattr(streaming, "_FETCHED_LARGE", portion)
        fill(chain[0], rows)
        left = held(chain[0])
        reports = [bootstrap.copy_database(*ends) for ends in pairwise(chain)]
    assert left == held(chain[-1])
    assert all(report.rows == {name: len(found) for name, found in left.items()} for report in reports)
    assert {report.resumed_rows for report in reports} == {0}
    places.close()


@each_direction
def test_an_id_that_was_ever_given_is_not_given_again(places: Places, source_kind: str, target_kind: str) -> None:
    source, target = places.new(source_kind), places.new(target_kind)
    fill(source, {"gallery": [gallery_row(3)]})
    with opened(source) as database, database.write() as connection:
        names = [{"gallery_id": 3, "name": name} for name in "abcdefgh"]
        for name in names:
            connection.execute(insert(t.identity), name)
        connection.execute(delete(t.identity).where(t.identity.c.name > "c"))
    bootstrap.copy_database(source, target)
    with opened(target) as database, database.write() as connection:
        made = insert(t.identity).values(gallery_id=3, name="new").returning(t.identity.c.id)
        assert connection.execute(made).scalar_one() == 9


@each_direction
def test_what_people_have_open_notices_a_copy_as_a_change(places: Places, source_kind: str, target_kind: str) -> None:
    source, target = places.new(source_kind), places.new(target_kind)
    fill(source, {"gallery": [gallery_row(3)]})
    bootstrap.copy_database(source, target)
    with opened(target) as database, database.read() as connection:
        assert connection.execute(select(t.gallery.c.changes)).scalar_one() > 5


@each_direction
def test_a_target_that_holds_a_gallery_stays_as_it_is(places: Places, source_kind: str, target_kind: str) -> None:
    source, target = places.new(source_kind), places.new(target_kind)
    fill(source, {"gallery": [gallery_row(3)]})
    fill(target, {"gallery": [gallery_row(8, "theirs")]})
    there = held(target)
    with pytest.raises(UsageError, match=r"holds galleries already \('theirs'\): copy into an empty database"):
        bootstrap.copy_database(source, target)
    assert held(target) == there


def test_a_database_is_not_copied_onto_itself_however_it_is_spelled(places: Places, tmp_path: Path) -> None:
    source = places.new("sqlite")
    fill(source, {"gallery": [gallery_row(3)]})
    (tmp_path / "link.db").symlink_to(source.removeprefix("sqlite:///"))
    server = places.new("postgresql")
    for one, other in (
        (source, source), (source, f"sqlite:///{tmp_path / 'link.db'}"), (server, server),
        (server, server.replace("identity@", "identity:hunter2@").replace("postgresql:", "postgresql+psycopg:")),
    ):  # fmt: skip
        with pytest.raises(UsageError, match="both addresses mean the same database"):
            bootstrap.copy_database(one, other)


def test_a_source_that_is_not_there_or_is_none_of_ours_is_neither_made_nor_changed(places: Places, tmp_path: Path):
    target = places.new("sqlite")
    with pytest.raises(NotFoundError, match="there is no database"):
        bootstrap.copy_database(f"sqlite:///{tmp_path / 'nowhere.db'}", target)
    assert not (tmp_path / "nowhere.db").exists()
    (tmp_path / "text.db").write_text("no database")
    with pytest.raises(StoreError, match="not an identity database"):
        bootstrap.copy_database(f"sqlite:///{tmp_path / 'text.db'}", target)
    assert not Path(target.removeprefix("sqlite:///")).exists()


@pytest.mark.parametrize("end", [0, 1])
def test_a_server_that_is_not_there_is_an_end_of_no_copy(places: Places, monkeypatch, end: int) -> None:
    fill(there := places.new("sqlite"), {"gallery": [gallery_row(3)]})
    addresses = [there, there]
    addresses[end] = "postgresql://identity:hunter2@127.0.0.1:1/x"
    monkeypatch.setattr(Sessions, "__init__", partialmethod(_in_no_time, Sessions.__init__))
    with pytest.raises(StoreError, match=r"//identity:\*\*\*@127.0.0.1:1/x cannot be reached.*check that the"):
        bootstrap.copy_database(*addresses)


def _in_no_time(sessions: Sessions, usual, address, _timeout_s: float, command: str) -> None:
    usual(sessions, address, 0.1, command)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_source_of_an_older_schema_is_left_as_it_is_and_the_cure_named(places: Places, kind: str) -> None:
    source, target = places.new(kind), places.new("sqlite")
    fill(source, {"gallery": [gallery_row(3)]})
    _set_revision(source, "0005")
    with pytest.raises(StoreError, match=r"has schema 0005.*run 'identity status' with this database"):
        bootstrap.copy_database(source, target)
    _set_revision(source, "9999")
    with pytest.raises(StoreError, match="install the newer version"):
        bootstrap.copy_database(source, target)
    _set_revision(source, schema.REVISION)
    bootstrap.copy_database(source, target)
    assert held(source) == held(target)


def _set_revision(url: str, revision: str) -> None:
    from identity.store.opening import open_as_found

    database, _ = open_as_found(url)
    with database.write() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
    database.close()


def test_given_ids_of_both_kinds_are_kept(places: Places) -> None:
    chain = [places.new(kind) for kind in ("sqlite", "postgresql", "postgresql", "sqlite")]
    fill(chain[0], {"gallery": [gallery_row(41)]})
    with opened(chain[0]) as database, database.write() as connection:
        connection.execute(delete(t.gallery))
    for ends in pairwise(chain):
        bootstrap.copy_database(*ends)
    assert [given_ids(url)["gallery"] for url in chain] == [41] * 4
    assert {given_ids(url)["sample"] for url in chain} == {0}
