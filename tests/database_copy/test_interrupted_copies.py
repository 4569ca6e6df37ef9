"""A copy that is killed goes on where it was and ends the same; until then nobody takes the target for whole."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from copy_worlds import DIRECTIONS, Places, fill, held, opened
from store_rows import many_rows

from identity import bootstrap
from identity.core.errors import StoreBusyError, StoreError, UnfinishedCopyError, UsageError
from identity.store import tables as t
from identity.store.database_copy import progress, streaming
from identity.store.opening import open_as_found, open_store

ROOT = Path(__file__).parents[2]
MOMENTS = [  # one after another, on the same target
    ("advance", 1, "after"),
    ("advance", 9, "before"),
    ("advance", 30, "after"),
    ("put_counters", 1, "before"),
    ("finish", 1, "after"),
]
each_direction = pytest.mark.parametrize(("source_kind", "target_kind"), DIRECTIONS)


def copied_until(source: str, target: str, *moment: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(Path(__file__).with_name("copying_child.py")), source, target, *map(str, moment)]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def killed(source: str, target: str, *moment: object) -> None:
    ended = copied_until(source, target, *moment)
    assert ended.returncode == -signal.SIGKILL, (moment, ended.stderr)


@each_direction
def test_a_copy_that_is_killed_again_and_again_goes_on_and_ends_the_same(
    places: Places, source_kind: str, target_kind: str
) -> None:
    source, target = places.new(source_kind), places.new(target_kind)
    fill(source, many_rows())
    killed(source, target, "begin", 1, "after")
    open_store(target).close()  # nothing is there yet: it is an empty one
    here = []
    for moment in MOMENTS:
        killed(source, target, *moment)
        with pytest.raises(UnfinishedCopyError, match="unfinished copy of another one: run 'identity database copy'"):
            open_store(target)
        here.append(rows_in(target))
    assert here == sorted(here)
    assert here[0] == 0  # a portion whose transaction was not committed is not there
    assert 0 < here[1] < here[2] < here[3] == here[4]
    report = bootstrap.copy_database(source, target)
    assert (report.resumed_rows, report.started_over) == (here[4], False)
    assert held(source) == held(target)


def rows_in(url: str) -> int:
    database, _ = open_as_found(url)
    with database.read() as connection:
        found = progress.read(connection).rows
    database.close()
    return found


@each_direction
def test_a_source_that_changed_meanwhile_is_copied_anew_and_that_is_said(
    places: Places, source_kind: str, target_kind: str
) -> None:
    source, target = places.new(source_kind), places.new(target_kind)
    fill(source, many_rows())
    killed(source, target, "advance", 30, "after")
    with opened(source) as database, database.write() as connection:
        connection.execute(t.identity.update().where(t.identity.c.id == 2).values(name="somebody else"))
    said: list[str] = []
    report = bootstrap.copy_database(source, target, say=said.append)
    assert report.started_over
    assert report.resumed_rows == 0
    assert len(said) == 1
    assert "has changed since the copy was interrupted" in said[0]
    assert held(source) == held(target)


def test_an_unfinished_copy_of_another_database_is_left_as_it_is(places: Places) -> None:
    source, other, target = (places.new("sqlite") for _ in range(3))
    fill(source, many_rows())
    fill(other, many_rows(names="other"))
    killed(source, target, "advance", 30, "after")
    before = rows_in(target)
    with pytest.raises(UsageError, match=r"holds an unfinished copy of .*\.db, not of .*\.db: copy from there again"):
        bootstrap.copy_database(other, target)
    assert rows_in(target) == before > 0
    with pytest.raises(UnfinishedCopyError):
        bootstrap.copy_database(target, other)


def test_of_two_copies_into_one_database_one_is_told_of_the_other(places: Places, monkeypatch) -> None:
    source, target = places.new("sqlite"), places.new("sqlite")
    fill(source, many_rows())
    monkeypatch.setattr(streaming, "_PORTION_ROWS", 2)
    usual = progress.advance

    def as_another_advances(connection, name, before, after):
        usual(connection, name, before, after)
        usual(connection, name, before, after)

    monkeypatch.setattr(progress, "advance", as_another_advances)
    with pytest.raises(StoreBusyError, match="another program copies into the same database"):
        bootstrap.copy_database(source, target)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_target_that_somebody_writes_to_is_not_called_a_copy(places: Places, monkeypatch, kind: str) -> None:
    source, target = places.new("sqlite"), places.new(kind)
    fill(source, many_rows())
    usual = progress.advance

    def with_another_writer(connection, name, before, after):
        usual(connection, name, before, after)
        if name == "file":
            connection.execute(t.identity.update().where(t.identity.c.id == 2).values(name="not this"))

    monkeypatch.setattr(progress, "advance", with_another_writer)
    with pytest.raises(StoreError, match=r"table 'identity' of .* is not what was copied"):
        bootstrap.copy_database(source, target)
    with pytest.raises(UnfinishedCopyError):
        open_store(target)


def test_what_was_in_a_target_is_in_no_file_of_it_afterwards(places: Places, monkeypatch) -> None:
    source, target = places.new("sqlite"), places.new("sqlite")
    fill(source, many_rows(names="Quillfeather"))
    killed(source, target, "advance", 30, "after")
    with opened(source) as database, database.write() as connection:
        connection.execute(t.identity.update().values(name=t.identity.c.id))
    killed(source, target, "note_erased", 1, "before")  # what is owed is paid by the next
    bootstrap.copy_database(source, target)
    file = Path(target.removeprefix("sqlite:///"))
    assert not any(b"Quillfeather" in found.read_bytes() for found in file.parent.glob(f"{file.name}*"))
