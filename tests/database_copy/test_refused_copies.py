"""What one database cannot keep is found before anything is written, and named; what is damaged is not copied."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from copy_worlds import DIRECTIONS, Places, fill, held, opened
from sqlalchemy import Table, update
from store_rows import many_rows

from identity import bootstrap
from identity.core.errors import StoreError, UsageError
from identity.store import cluster_tables, file_tables
from identity.store import tables as t
from identity.store.database_copy import places as ends
from identity.store.opening import open_as_found
from identity.store.sqlite import engine as sqlite

INFINITE = np.array([1, np.inf, 0], "<f4").tobytes()
UNDEFINED = np.array([np.nan, 1, 0], "<f4").tobytes()
REFUSED = {
    "NUL in a name": (t.identity, {"name": "Ada\0"}, r"'name' of row 7 in table 'identity' has the character NUL.*Ada"),
    "NUL in a source": (t.image, {"source": "\0"}, "'source' of row 7 in table 'image' has the character NUL"),
    "a name too long": (t.identity, {"name": "x" * 3000}, r"'name' of row 7 .* has more than 2600 bytes.*\('xxx"),
    "a number too large": (t.image, {"row": 2**31}, r"'row' of row 7 .* has a number that is too large.*2147483648"),
    "infinite": (t.vector, {"vector": INFINITE, "crc32": zlib.crc32(INFINITE)}, "the vector of sample 7 in table 'vec"),
    "undefined": (t.vector, {"vector": UNDEFINED, "crc32": zlib.crc32(UNDEFINED)}, "an infinite or undefined number"),
    "empty": (t.vector, {"vector": b"", "crc32": 0}, "the vector of sample 7 .*pgvector refuses: remove it with"),
}


def change(url: str, table: Table, values: dict[str, Any], *, row: int = 7) -> None:
    key = next(iter(table.primary_key.columns))
    with opened(url) as database, database.write() as connection:
        connection.execute(update(table).where(key == row).values(**values))


@pytest.mark.parametrize("what", REFUSED)
def test_what_postgresql_refuses_is_named_before_anything_is_written(places: Places, what: str) -> None:
    table, values, said = REFUSED[what]
    source, target, kept = places.new("sqlite"), places.new("postgresql"), places.new("sqlite")
    fill(source, many_rows())
    fill(target, {})
    change(source, table, values)
    with pytest.raises(StoreError, match=said):
        bootstrap.copy_database(source, target)
    assert held(target) == held(places.new("postgresql"))
    bootstrap.copy_database(source, kept)  # SQLite keeps it
    assert held(kept) == held(source)


def test_a_path_that_is_too_long_for_an_index_is_named(places: Places) -> None:
    source, target = places.new("sqlite"), places.new("postgresql")
    fill(source, many_rows())
    with opened(source) as database, database.write() as connection:
        c = file_tables.file.c
        connection.execute(update(file_tables.file).where(c.image_id == 7).values(path=b"/" + b"x" * 4000))
    with pytest.raises(StoreError, match=r"'path' of row 1, b'/xxx.* in table 'file' has more than 2600 bytes"):
        bootstrap.copy_database(source, target)


@pytest.mark.parametrize(("source_kind", "target_kind"), DIRECTIONS)
def test_a_damaged_vector_is_named_and_not_copied(places: Places, source_kind: str, target_kind: str) -> None:
    source, target = places.new(source_kind), places.new(target_kind)
    fill(source, many_rows())
    change(source, t.vector, {"crc32": 12})
    with pytest.raises(StoreError, match=r"the vector of sample 7 in .* is damaged .*run 'identity doctor'"):
        bootstrap.copy_database(source, target)
    change(source, t.vector, {"crc32": zlib.crc32(many_rows()["vector"][6]["vector"])})
    assert bootstrap.copy_database(source, target).resumed_rows > 0
    assert held(source) == held(target)


@pytest.mark.parametrize("target_kind", ["sqlite", "postgresql"])
def test_rows_that_refer_to_nothing_are_named_and_not_copied(places: Places, tmp_path: Path, target_kind: str) -> None:
    source, target = places.new("sqlite"), places.new(target_kind)
    fill(source, many_rows())
    careless = sqlite.engine(Path(source.removeprefix("sqlite:///")), timeout_s=1, references="OFF")
    with careless.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE crop SET sample_id = 4000 WHERE sample_id = 7")
    careless.dispose()
    with pytest.raises(StoreError, match=r"does not take rows of table 'crop' .*: run 'identity doctor' with .*\.db"):
        bootstrap.copy_database(source, target)


def test_a_full_disk_is_said_and_the_copy_goes_on_when_there_is_room(places: Places, monkeypatch) -> None:
    source, target = places.new("sqlite"), places.new("sqlite")
    fill(source, many_rows() | {"crop": [{"sample_id": n, "image": bytes(40_000)} for n in range(1, 41)]})
    usual = ends.open_target

    def on_a_full_disk(*given: Any, **named: Any) -> Any:
        made = usual(*given, **named)
        with made._engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 40}")
        return made

    with monkeypatch.context() as patch:
        patch.setattr(ends, "open_target", on_a_full_disk)
        with pytest.raises(StoreError, match=r"there is no space left to write .*free some disk space"):
            bootstrap.copy_database(source, target)
    assert bootstrap.copy_database(source, target).resumed_rows > 0
    assert held(source) == held(target)


def test_a_source_is_only_read(places: Places) -> None:
    source, target = places.new("sqlite"), places.new("sqlite")
    fill(source, many_rows())
    file = Path(source.removeprefix("sqlite:///"))
    before = file.read_bytes()
    bootstrap.copy_database(source, target)
    assert file.read_bytes() == before
    assert held(source) == held(target)


def test_what_only_a_home_believes_is_not_copied(places: Places) -> None:
    source, target = places.new("sqlite"), places.new("postgresql")
    fill(source, many_rows())
    facts = {"gallery_id": 1, "token": "x", "space": "s", "last_id": 40, "dim": 3, "length": 9, "changes": 7}
    known = {column.name for column in t.snapshot.columns}
    with opened(source) as database, database.write() as connection:
        connection.execute(t.snapshot.insert().values({key: facts.get(key, "x") for key in known}))
        connection.execute(t.superseded.insert().values(gallery_id=1, sample_id=50, change=3))
        connection.execute(cluster_tables.set_aside.insert().values(sample_id=3, decided_at="2026"))
    bootstrap.copy_database(source, target)
    with opened(target) as database, database.read() as connection:
        counts = [len(connection.execute(table.select()).all()) for table in (t.snapshot, t.superseded)]
    assert counts == [0, 0]
    assert len(held(target)["set_aside"]) == 1


def test_a_copy_that_an_other_version_began_is_not_gone_on_with(places: Places) -> None:
    source, target = places.new("sqlite"), places.new("sqlite")
    fill(source, many_rows())
    change(source, t.vector, {"crc32": 12})
    with pytest.raises(StoreError, match="damaged"):
        bootstrap.copy_database(source, target)
    database, _ = open_as_found(target)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'copying-0009'")
    database.close()
    with pytest.raises(UsageError, match="another version of this program began"):
        bootstrap.copy_database(source, target)
