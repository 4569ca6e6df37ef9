"""Undo of single decisions: what it gives back, what it leaves alone, and when it is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cluster_worlds import cluster, clusters_of, enroll, identities, names_of, of_person, opened
from undo_worlds import broken, everything

from identity.core.errors import GalleryChangedError, NotFoundError, UsageError
from identity.documents.problems import problem_of
from identity.gallery import Gallery
from identity.store import sample_changes


@pytest.fixture
def here(tmp_path: Path) -> Gallery:
    """Two unnamed clusters, c1 and c2, and a third of somebody with a name."""
    made = opened(tmp_path)
    enroll(made, of_person(1, 4, seed=1))
    enroll(made, of_person(2, 3, seed=2))
    enroll(made, of_person(3, 3, seed=3), identity="Cleo")
    cluster(made)
    return made


def test_the_history_says_what_was_decided_about_whom(here: Gallery) -> None:
    here.people.name("c1", "Ada")
    here.people.name("Ada", "Ada Lovelace")
    here.samples.relabel(sorted(clusters_of(here)[2])[:2], "Bob")
    here.people.undo()
    said = [(one.note, one.n_samples, one.clusters, one.names) for one in here.people.decisions()]
    assert said == [
        ("name", 4, (1,), ("Ada Lovelace",)), ("rename", 0, (), ("Ada Lovelace",)), ("relabel", 2, (2,), ()),
    ]  # fmt: skip
    assert [one.undone_at is None for one in here.people.decisions()] == [True, True, False]


def test_an_older_decision_is_undone_and_the_later_ones_stay(here: Gallery) -> None:
    first = clusters_of(here)[1]
    here.people.name("c1", "Ada")
    here.people.name("c2", "Bob")
    here.people.reject_name("c2", "Cleo")
    undone = here.people.undo(1)
    assert (undone.id, undone.note, undone.undone_at is not None) == (1, "name", True)
    assert names_of(here) == {1: None, 2: "Bob", 3: "Cleo"}
    assert set(identities(here, sorted(first))) == {None}
    assert len(here.people.store.places().refused_identities) == 3  # of each of its samples


def test_an_undone_decision_can_be_made_again(here: Gallery) -> None:
    here.people.name("c1", "Ada")
    named = everything(here)
    here.people.undo()
    here.people.name("c1", "Ada")
    again = everything(here)
    assert {**again, "identities": [], "names": []} == {**named, "identities": [], "names": []}
    assert names_of(here)[1] == "Ada"
    assert [one.undone_at is None for one in here.people.decisions()] == [False, True]


def test_where_a_later_decision_is_about_the_same_samples_it_has_to_go_first(here: Gallery) -> None:
    here.people.name("c1", "Ada")
    here.people.split("Ada", sorted(clusters_of(here)[1])[:1])
    now = everything(here)
    with pytest.raises(UsageError, match="undo decision 2 first") as refused:
        here.people.undo(1)
    assert problem_of(refused.value)["cure"] == "undo decision 2 first"
    assert everything(here) == now
    here.people.undo(2)
    here.people.undo(1)
    assert names_of(here) == {1: None, 2: None, 3: "Cleo"}


def test_a_rename_counts_as_about_all_who_had_the_name(here: Gallery) -> None:
    some = sorted(clusters_of(here)[3])[:1]
    here.samples.relabel(some, "Bob")
    here.people.name("Cleo", "Cleopatra")
    with pytest.raises(UsageError, match="undo decision 2 first"):
        here.people.undo(1)
    here.people.name("c1", "Ada")
    here.people.name("Ada", "Ada Lovelace")
    with pytest.raises(UsageError, match="decision 4, which gives another name"):
        here.people.undo(3)
    here.people.merge(["c2", "Cleopatra"])
    with pytest.raises(UsageError, match="undo decision 5 first"):
        here.people.undo(2)


def test_a_refusal_of_somebody_is_not_lost_with_the_decision_that_named_them(here: Gallery) -> None:
    here.people.name("c1", "Ada")
    here.people.reject_name("c2", "Ada")
    with pytest.raises(UsageError, match=r"says who is not the person .*: undo decision 2 first"):
        here.people.undo(1)
    assert names_of(here)[1] == "Ada"


def test_somebody_whom_a_merge_took_the_name_comes_back_with_it(here: Gallery) -> None:
    here.people.name("c1", "Ada")
    here.people.reject_name("c2", "Cleo")
    before = everything(here)
    here.people.merge(["Cleo", "Ada"], as_name="Ada")
    assert "Cleo" not in here.store.identities().values()
    here.people.undo()
    assert everything(here) == before


def test_a_name_that_somebody_else_got_meanwhile_is_not_given_twice(here: Gallery) -> None:
    here.people.merge(["c1", "Cleo"], as_name="Ada")
    here.people.name("c2", "Cleo")
    now = everything(here)
    with pytest.raises(UsageError, match=r"'Cleo'.*another name with 'identity people name'"):
        here.people.undo(1)
    assert everything(here) == now
    here.people.name("Cleo", "Bob")
    here.people.undo(1)
    assert names_of(here) == {1: None, 2: "Bob", 3: "Cleo"}


def test_a_sample_that_got_another_name_by_itself_is_left_alone(here: Gallery) -> None:
    ids = sorted(clusters_of(here)[1])
    here.people.name("c1", "Ada")
    with here.store._transactions.write() as connection:  # as enrolling again with another label does
        sample_changes.relabel(connection, here.store.gallery, ids[:1], "Eve")
    with pytest.raises(UsageError, match=f"sample {ids[0]} of decision 1 got another name since"):
        here.people.undo()
    assert identities(here, ids[:2]) == ["Eve", "Ada"]


def test_a_run_that_moved_its_samples_keeps_the_clusters_until_it_is_undone(here: Gallery) -> None:
    before = clusters_of(here)
    here.people.merge(["c1", "c2"], as_name="Ada")
    cluster(here, full=True, eps=0.9, min_samples=9)  # all are noise but who has a name
    run = here.people.store.places()
    here.people.undo()
    assert here.people.store.places().labels.tolist() == run.labels.tolist()
    assert "Ada" not in here.store.identities().values()
    here.clusters.undo()
    assert clusters_of(here) == before


def test_a_run_that_left_them_alone_does_not_keep_them_together(here: Gallery) -> None:
    before = clusters_of(here)
    here.people.merge(["c1", "c2"])
    (new,) = enroll(here, of_person(3, 1, seed=9))
    cluster(here)
    assert len(clusters_of(here)) == 2
    here.people.undo()
    assert clusters_of(here) == {**before, 3: before[3] | {new}}
    assert [run.undone_at is None for run in here.clusters.history()] == [True, False, True]


def test_there_may_be_nothing_to_undo(here: Gallery) -> None:
    with pytest.raises(NotFoundError, match="no decision to undo: see 'identity people history -g test'"):
        here.people.undo()
    here.people.name("c1", "Ada")
    here.people.undo()
    with pytest.raises(UsageError, match="decision 1 was undone already"):
        here.people.undo(1)
    with pytest.raises(NotFoundError, match="no decision 7"):
        here.people.undo(7)


def test_an_undo_is_of_what_its_maker_saw_and_counts_as_a_change(here: Gallery) -> None:
    here.people.name("c1", "Ada")
    seen = here.store.gallery.changes
    here.people.name("c2", "Bob")
    with pytest.raises(GalleryChangedError, match=re.escape("nothing was written")):
        here.people.as_seen(seen).undo()
    assert len([one for one in here.people.decisions() if one.undone_at is None]) == 2
    now = here.store.gallery.changes
    here.people.as_seen(now).undo()
    assert here.store.gallery.changes > now
    assert broken(here) == []


def test_a_relabelling_that_changes_nothing_is_no_decision(here: Gallery) -> None:
    ids = sorted(clusters_of(here)[3])
    assert here.samples.relabel(ids, "Cleo") == 0
    assert list(here.people.decisions()) == []
