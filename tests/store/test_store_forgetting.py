"""A forgotten person is in no file of the database: no vector, no crop, no path, no name."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from store_factories import new_image, new_samples

from identity.core.errors import StoreBusyError
from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.sql import SqlStore
from identity.store.sqlite.database import Database


def _bytes_of(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(home.iterdir()))


def _people(count: int, dim: int) -> list:
    made = new_samples(0, count, dim=dim)
    rng = np.random.default_rng(3)
    for number, sample in enumerate(made):
        mark = b"<%06d>" % number
        crop = b"crop" + mark + rng.bytes(int(rng.integers(200, 1500)))
        vector = np.frombuffer(b"vect" + mark + sample.vector.tobytes()[12:], np.float32)
        image = replace(sample.image, path=f"path<{number:06d}>.png")
        made[number] = replace(sample, identity=f"name<{number:06d}>", crop=crop, vector=vector, image=image)
    return made


def _erase(database: Database) -> None:
    opened = SqlStore(database)
    opened.erase_removed(list(opened.removals()))


def _marks(home: Path, what: str) -> set[int]:
    return {int(found) for found in re.findall(what.encode() + rb"<(\d{6})>", _bytes_of(home))}


def test_forgotten_people_are_in_no_file_and_the_others_are_whole(database: Database) -> None:
    gallery = SqlGalleries(database).create("people", model="m", detector="d", space="s", dim=512)
    store, rng = SampleStore(database, gallery), np.random.default_rng(1)
    people = _people(2000, 512)
    ids = np.concatenate([store.add(people[first : first + 500]) for first in range(0, 2000, 500)])
    alive = np.arange(2000)
    for _ in range(5):  # removals at random move rows between pages, which leaves copies behind
        gone = rng.choice(alive, size=len(alive) // 4, replace=False)
        assert store.remove(ids[gone]) == len(gone)
        _erase(database)
        alive = np.setdiff1d(alive, gone)
        for what in ("vect", "crop", "path", "name"):
            assert _marks(database.path.parent, what) == set(alive.tolist()), what


def test_a_deleted_gallery_is_in_no_file(database: Database) -> None:
    gallery = SqlGalleries(database).create("secret-gallery", model="m", detector="d", space="s", dim=64)
    SampleStore(database, gallery).add(_people(300, 64))
    assert b"secret-gallery" in _bytes_of(database.path.parent)
    SqlGalleries(database).delete("secret-gallery")
    _erase(database)
    files = _bytes_of(database.path.parent)
    assert b"secret-gallery" not in files
    assert not re.search(rb"(vect|crop|path|name)<\d{6}>", files)


def test_bytes_that_a_reader_holds_on_to_are_spoken_of_and_the_removal_stays_written_down(
    url: str, database: Database, store: SampleStore
) -> None:
    ids = store.add(_people(3, 8))
    store.remove(ids[:1])
    other = Database.open(url)
    with other.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM sample").scalar()
        with pytest.raises(StoreBusyError, match=r"removed, but .* the next command that writes erases them"):
            _erase(database)
    assert len(SqlStore(database).removals()) == 1
    _erase(database)
    assert SqlStore(database).removals() == {}
    assert _marks(database.path.parent, "crop") == {1, 2}
    other.close()


def test_a_program_that_writes_first_finishes_what_is_unfinished(url: str, store: SampleStore) -> None:
    opened = SqlStore(Database.open(url))
    called: list[str] = []
    opened.call_before_writing(lambda: called.append("finish"))
    opened.galleries.list()
    assert called == []
    for name in ("one", "two"):
        opened.galleries.create(name, model="m", detector="d", space="s", dim=8)
    assert called == ["finish"]
    opened.close()


def test_photographs_that_gave_nothing_go_with_the_person_whom_their_path_names(
    database: Database, store: SampleStore
) -> None:
    ada, other = (replace(new_image(n), path=f"photos/{name}/{n}.png") for n, name in ((1, "Ada"), (2, "elsewhere")))
    ids = store.add(new_samples(10, 2, identity="Ada"), skipped=[(ada, "no face found"), (other, "no face found")])
    store.remove(ids[:1])
    assert len(store.skipped_images()) == 2
    store.remove(ids[1:])
    assert [path for path, _, _ in store.skipped_images()] == ["photos/elsewhere/2.png"]
