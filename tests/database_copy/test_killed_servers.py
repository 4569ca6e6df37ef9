"""A server that is killed in the middle of a copy costs the copy one line, and the same command ends it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from copy_worlds import Places, fill, held
from postgres_server import PostgresServer
from store_rows import many_rows

from identity import bootstrap
from identity.core.errors import StoreError
from identity.store import restored
from identity.store.database_copy import progress, streaming

READING = [  # one after another, on the same target
    (progress, "begin", 1),
    (progress, "advance", 1),
    (progress, "advance", 9),
    (progress, "advance", 30),
]
ENDING = [(restored, "put_counters", 1), (progress, "finish", 1)]  # the source is not asked any more


@pytest.fixture
def places(tmp_path: Path, own_server: PostgresServer) -> Iterator[Places]:
    lent = Places(tmp_path, own_server)
    yield lent
    lent.close()


def killed_at(monkeypatch, server: PostgresServer, room: object, name: str, nth: int) -> None:
    """The server is killed, and started again, when the n-th call of a function has done its work."""
    usual, calls = getattr(room, name), 0

    def met(*given, **named):
        nonlocal calls
        calls += 1
        answered = usual(*given, **named)
        if calls == nth:
            server.kill()
            server.start()
        return answered

    monkeypatch.setattr(room, name, met)


@pytest.mark.parametrize(
    ("source_kind", "target_kind", "moments"),
    [
        ("sqlite", "postgresql", READING + ENDING),
        ("postgresql", "sqlite", READING),
        ("postgresql", "postgresql", READING + ENDING),
    ],
)
def test_a_copy_whose_server_is_killed_again_and_again_goes_on_and_ends_the_same(
    places: Places, own_server: PostgresServer, monkeypatch, source_kind: str, target_kind: str, moments: list
) -> None:
    source, target = places.new(source_kind), places.new(target_kind)
    fill(source, many_rows())
    for room, name, nth in moments:
        with monkeypatch.context() as patched:
            for attribute in ("_PORTION_ROWS", "_FETCHED", "_FETCHED_LARGE"):
                patched.setattr(streaming, attribute, 2)
            killed_at(patched, own_server, room, name, nth)
            with pytest.raises(StoreError, match=r"\A[^\n]*\Z"):
                bootstrap.copy_database(source, target)
    bootstrap.copy_database(source, target)
    assert held(source) == held(target)
