"""Who is forgotten leaves the history of decisions as well: in no table and no byte of the database stays a name."""

from __future__ import annotations

from pathlib import Path

import pytest
from cluster_worlds import cluster, clusters_of, enroll, identities, of_person, opened
from databases import files_of
from undo_worlds import broken

from identity.gallery import Gallery

ONE, OTHER = "Zoë Quillfeather", "Ottilie Brackenbury"


@pytest.fixture
def here(tmp_path: Path) -> Gallery:
    """Two people, each in a cluster, of whom the first is named `ONE`."""
    made = opened(tmp_path)
    enroll(made, of_person(1, 4, seed=1))
    enroll(made, of_person(2, 4, seed=2))
    cluster(made)
    made.people.name("c1", ONE)
    return made


def held_in_files(home: Path, name: str) -> bool:
    return any(name.encode() in path.read_bytes() for path in files_of(home))


def test_names_of_before_go_with_the_samples_that_bore_them(here: Gallery, tmp_path: Path) -> None:
    here.people.name("c2", "Bob")
    here.people.merge([ONE, "Bob"], as_name="Bob")
    here.people.name("Bob", OTHER)
    here.people.name(OTHER, "Bob")
    assert held_in_files(tmp_path, ONE)
    assert held_in_files(tmp_path, OTHER)
    here.samples.forget("Bob")
    assert not held_in_files(tmp_path, ONE)
    assert not held_in_files(tmp_path, OTHER)
    assert (list(here.people.decisions()), broken(here)) == ([], [])


def test_who_is_forgotten_is_not_named_by_samples_that_were_taken_from_them(here: Gallery, tmp_path: Path) -> None:
    gone, *others = sorted(clusters_of(here)[1])
    here.people.split(ONE, [gone])
    here.people.merge([f"c{2}", ONE], as_name=ONE)
    assert here.samples.forget(ONE) == 7
    assert not held_in_files(tmp_path, ONE)
    assert identities(here, [gone]) == [None]
    history = here.people.decisions()
    assert [(one.note, one.n_samples, one.names) for one in history] == [("name", 1, ()), ("split", 1, ())]
    for _ in history:
        here.people.undo()
        assert broken(here) == []
    assert identities(here, [gone]) == [None]
    assert not set(others) & set(here.samples.get(others))


def test_a_name_of_before_a_rename_goes_when_another_of_that_name_is_forgotten(here: Gallery, tmp_path: Path) -> None:
    here.people.name(ONE, OTHER)
    here.people.name("c2", ONE)
    here.samples.forget(ONE)
    assert not held_in_files(tmp_path, ONE)
    assert [one.note for one in here.people.decisions()] == ["name"]
    assert broken(here) == []
    here.people.undo()
    assert list(here.store.identities().values()) == []


def test_names_that_no_undo_gives_back_are_not_kept(here: Gallery, tmp_path: Path) -> None:
    here.people.undo()
    with here.store._transactions.read() as connection:
        assert connection.exec_driver_sql("SELECT * FROM former_identity").all() == []


def test_a_deleted_gallery_takes_its_history_along(here: Gallery) -> None:
    here.people.merge(["c1", "c2"])
    with here.store._transactions.write() as connection:
        connection.exec_driver_sql("DELETE FROM gallery")
        for table in ("decision", "decision_sample", "decision_refusal", "decision_rename", "former_identity"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0
