"""People's decisions: kept by every later run, never overwritten, and taken at their latest word."""

from __future__ import annotations

from pathlib import Path

import pytest
from cluster_worlds import (
    both_runs,
    cluster,
    clusters_of,
    decide,
    enroll,
    identities,
    names_of,
    of_person,
    opened,
    tilted,
)

from identity.core.errors import UsageError
from identity.core.model import OperatingPoint
from identity.gallery import Gallery
from identity.workflows.cluster import edits as people
from identity.workflows.cluster.request import ClusterRequest


@pytest.fixture
def here(tmp_path: Path) -> Gallery:
    return opened(tmp_path)


def test_two_named_people_are_never_one_cluster_however_near_they_are(here):
    ada = enroll(here, of_person(1, 5, seed=1), identity="Ada")
    twin = enroll(here, of_person(1, 5, seed=2), identity="Eve")
    enroll(here, of_person(1, 4, seed=3))
    for full in both_runs(here):
        plan = here.clusters.plan(ClusterRequest(eps=0.2, full=full))
        found = {frozenset(c & {*ada, *twin}) for c in clusters_of(here).values()}
        assert found >= {frozenset(ada), frozenset(twin)}
        assert plan.people == 2


def test_merged_people_stay_one_and_split_samples_stay_away(here):
    ada, bob = enroll(here, of_person(1, 6, seed=1)), enroll(here, of_person(2, 4, seed=2))
    cluster(here)
    decide(here, people.merge, ["c1", "c2"])
    for _ in both_runs(here):
        assert clusters_of(here) == {1: {*ada, *bob}}
    decide(here, people.split, "c1", bob)
    for _ in both_runs(here):
        assert sorted(map(sorted, clusters_of(here).values())) == sorted(map(sorted, [ada, bob]))
    decide(here, people.split, "c1", ada[:2])
    for _ in both_runs(here):
        assert set(ada[:2]) in clusters_of(here).values()
        assert set(ada[2:]) in clusters_of(here).values()


def test_a_decision_outlives_the_undoing_of_the_run_it_was_made_in(here):
    ada, bob = enroll(here, of_person(1, 6, seed=1)), enroll(here, of_person(2, 4, seed=2))
    cluster(here)
    cluster(here, full=True, eps=0.19)
    decide(here, people.merge, ["c1", "c2"])
    here.clusters.undo()
    assert clusters_of(here) == {1: {*ada, *bob}}
    here.clusters.undo()
    assert clusters_of(here) == {1: {*ada, *bob}}


def test_a_rejected_pairing_never_returns(here):
    ada = enroll(here, of_person(1, 6, seed=1))
    cluster(here)
    decide(here, people.reject, "c1", ada[:2])
    for _ in both_runs(here):
        assert clusters_of(here)[1] == set(ada[2:])
    decide(here, people.name, "c1", "Ada")
    enroll(here, of_person(1, 5, seed=4))
    for _ in both_runs(here):
        assert not clusters_of(here)[1] & set(ada[:2])


def test_a_rejected_sample_loses_the_name_it_had(here):
    ada = enroll(here, of_person(1, 6, seed=1), identity="Ada")
    cluster(here)
    decide(here, people.reject, "Ada", ada[:1])
    assert identities(here, ada[:2]) == [None, "Ada"]
    for _ in both_runs(here):
        assert clusters_of(here)[1] == set(ada[1:])


def test_who_changes_their_mind_is_believed(here):
    ada = enroll(here, of_person(1, 6, seed=1))
    cluster(here)
    decide(here, people.split, "c1", ada[:3])
    decide(here, people.merge, ["c1", "c2"])
    for _ in both_runs(here):
        assert list(clusters_of(here).values()) == [set(ada)]


def test_two_faces_of_one_photograph_are_two_people(here):
    ada = enroll(here, of_person(1, 5, seed=1))
    pair = enroll(here, of_person(1, 2, seed=2), photograph="both of them")
    plan, _ = cluster(here)
    assert not any(set(pair) <= samples for samples in clusters_of(here).values())
    assert [tuple(sorted(one)) for one in plan.samples(plan.outcome.parted)] == [tuple(pair)]
    third = enroll(here, of_person(1, 2, seed=3), photograph="another")
    for _ in both_runs(here):
        for samples in clusters_of(here).values():
            assert not set(pair) <= samples
            assert not set(third) <= samples
    assert set().union(*clusters_of(here).values()) == {*ada, *pair, *third}
    with pytest.raises(UsageError, match="two faces of one photograph"):
        decide(here, people.merge, [f"c{one}" for one in clusters_of(here)][:2])


def test_a_suggestion_is_made_once_and_not_again_after_it_was_rejected(tmp_path):
    here = opened(tmp_path, points=(OperatingPoint(1e-2, 0.45), OperatingPoint(1e-3, 0.4)))
    enroll(here, of_person(1, 4, seed=1), identity="Ada")
    enroll(here, of_person(2, 4, seed=7), identity="Bob")
    enroll(here, tilted(1, 4, by=0.85, seed=2))
    plan, _ = cluster(here)
    (only,) = plan.suggestions
    assert (only.cluster, only.name, only.threshold) == (3, "Ada", 0.4)
    assert 0.2 < only.distance <= 0.4
    assert 0 < only.lead < 0.7
    assert here.people.suggestions() == plan.suggestions
    assert names_of(here)[3] is None
    decide(here, people.reject_name, "c3", "Ada")
    for full in both_runs(here):
        assert here.clusters.plan(ClusterRequest(eps=0.2, full=full)).suggestions == ()
        assert names_of(here)[3] is None


def test_nobody_is_suggested_beyond_what_the_gallery_calls_one_person(tmp_path):
    for measured in ((OperatingPoint(1e-2, 0.45), OperatingPoint(1e-3, 0.21)), ()):
        (home := tmp_path / str(len(measured))).mkdir()
        here = opened(home, points=measured)
        enroll(here, of_person(1, 4, seed=1), identity="Ada")
        enroll(here, tilted(1, 4, by=0.85, seed=2))
        plan, _ = cluster(here)
        assert len(plan.groups) == 2
        assert plan.suggestions == ()
