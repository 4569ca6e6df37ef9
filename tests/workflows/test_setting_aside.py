"""Who is set aside stays in the gallery, and nobody is asked who it is until something about it is new."""

from __future__ import annotations

from pathlib import Path

import pytest
from cluster_worlds import both_runs, cluster, clusters_of, enroll, identities, of_person, opened, tilted
from undo_worlds import broken

from identity.core.errors import UsageError
from identity.core.model import OperatingPoint
from identity.gallery import Gallery
from identity.workflows.cluster.request import ClusterRequest

POINTS = (OperatingPoint(1e-2, 0.45), OperatingPoint(1e-3, 0.4))


@pytest.fixture
def here(tmp_path: Path) -> Gallery:
    """Two clusters without a name."""
    made = opened(tmp_path)
    enroll(made, of_person(1, 5, seed=1))
    enroll(made, of_person(2, 4, seed=2))
    cluster(made)
    return made


def aside(here: Gallery) -> set[int]:
    """The samples that are set aside, as the store says it."""
    state = here.people.store.places()
    return set(state.ids[state.aside].tolist())


def shown(here: Gallery) -> dict[str, list[str]]:
    found = here.people.overview()
    return {which: [one.who for one in found.of(which)] for which in ("all", "named", "unnamed", "aside")}


def test_who_is_set_aside_is_shown_only_where_asked_for(here):
    here.people.set_aside("c1")
    assert shown(here) == {"all": ["c2"], "named": [], "unnamed": ["c2"], "aside": ["c1"]}
    assert [one.cluster for one in here.people.list()] == [2]
    assert [(one.cluster, one.samples) for one in here.people.list(aside=True)] == [(1, 5)]
    here.people.bring_back("c1")
    assert shown(here) == {"all": ["c1", "c2"], "named": [], "unnamed": ["c1", "c2"], "aside": []}
    assert (here.people.list(aside=True), broken(here)) == ((), [])


def test_runs_and_searches_are_as_if_nobody_were_set_aside(here):
    before, held = clusters_of(here), here.store.samples(range(1, 10))
    here.people.set_aside("c1")
    for _ in both_runs(here):
        assert clusters_of(here) == before
        assert aside(here) == before[1]
    assert here.store.samples(range(1, 10)) == held


def test_a_cluster_set_aside_comes_back_with_what_is_new(here):
    old = clusters_of(here)[1]
    here.people.set_aside("c1")
    (new,) = enroll(here, of_person(1, 1, seed=3))
    cluster(here)
    assert clusters_of(here)[1] == {*old, new}
    assert shown(here)["unnamed"] == ["c1", "c2"]
    first, *others = here.people.overview().unnamed[0].samples.tolist()
    assert (first, set(others)) == (new, old)
    here.people.set_aside("c1")
    assert shown(here)["aside"] == ["c1"]


def test_who_gets_a_name_is_no_longer_set_aside_and_is_again_when_that_is_undone(here):
    both = clusters_of(here)
    here.people.set_aside("c1")
    here.people.set_aside("c2")
    here.people.name("c1", "Ada")
    assert (aside(here), shown(here)["all"]) == (both[2], ["Ada"])
    here.samples.relabel(sorted(both[2]), "Bob")
    assert aside(here) == set()
    here.people.undo()
    here.people.undo()
    assert (aside(here), broken(here)) == (both[1] | both[2], [])
    assert [one.note for one in here.people.decisions()] == ["set aside", "set aside", "name", "relabel"]


def test_single_faces_are_set_aside_and_come_last(here):
    samples = sorted(clusters_of(here)[1])
    here.people.set_aside("c1", samples[:2])
    faces = here.people.faces("c1")
    assert set(faces.samples[faces.aside].tolist()) == set(samples[:2])
    assert set(here.people.overview().unnamed[0].samples[-2:].tolist()) == set(samples[:2])
    here.people.set_aside("c1", samples[1:])
    assert shown(here)["aside"] == ["c1"]
    here.people.bring_back("c1", samples[:1])
    assert (shown(here)["aside"], aside(here)) == ([], set(samples[1:]))


def test_nobody_with_a_name_is_set_aside(here):
    here.people.name("c1", "Anna")
    for who in ("c1", "Anna"):
        with pytest.raises(UsageError, match=f"'{who}' is called Anna, .*: take out who it is not with"):
            here.people.set_aside(who, sorted(clusters_of(here)[1])[:1])
    assert (aside(here), len(here.people.decisions())) == (set(), 1)


def test_what_is_so_already_is_no_decision(here):
    with pytest.raises(UsageError, match="'c1' is not set aside: see"):
        here.people.bring_back("c1")
    here.people.set_aside("c1")
    with pytest.raises(UsageError, match="set aside already: take it back with 'identity people bring-back c1'"):
        here.people.set_aside("c1")
    assert len(here.people.decisions()) == 1


def test_nobody_asks_and_nobody_suggests_who_that_is(tmp_path):
    here = opened(tmp_path, points=POINTS)
    enroll(here, of_person(1, 4, seed=1), identity="Ada")
    enroll(here, tilted(1, 4, by=0.85, seed=2))
    cluster(here)
    (only,) = here.people.suggestions()
    assert [one.suggestion for one in here.people.questions()] == [only]
    here.people.set_aside("c2")
    assert (here.people.suggestions(), here.people.questions()) == ((), ())
    assert here.clusters.plan(ClusterRequest(eps=0.2, full=True)).suggestions == ()
    here.people.bring_back("c2")
    assert here.people.suggestions() == (only,)


def test_who_is_forgotten_leaves_no_word_of_it(here):
    gone, *others = sorted(clusters_of(here)[1])
    here.people.set_aside("c1")
    here.samples.remove([gone])
    with here.store._transactions.read() as connection:
        for table in ("set_aside", "decision_aside"):
            rows = connection.exec_driver_sql(f"SELECT sample_id FROM {table} ORDER BY sample_id").scalars()
            assert list(rows) == others
    assert (broken(here), identities(here, others)) == ([], [None] * 4)
    here.people.undo()
    assert (aside(here), broken(here)) == (set(), [])
    here.people.set_aside("c1")
    here.samples.remove(others)
    with here.store._transactions.read() as connection:
        assert connection.exec_driver_sql("SELECT * FROM decision_aside").all() == []
    assert broken(here) == []


def test_a_row_that_no_decision_wrote_is_found(here):
    here.people.set_aside("c1")
    with here.store._transactions.write() as connection:
        connection.exec_driver_sql("UPDATE set_aside SET decided_at = 'never'")
    assert broken(here) == ["clusters"]
