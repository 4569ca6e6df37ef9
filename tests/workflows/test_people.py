"""People's decisions: kept by every later run, never overwritten, and taken at their latest word."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cluster_worlds import cluster, clusters_of, enroll, names_of, of_person, opened

from identity.core.errors import NotFoundError, UsageError
from identity.gallery import Gallery
from identity.workflows.cluster import edits as people
from identity.workflows.cluster.request import ClusterRequest


@pytest.fixture
def here(tmp_path: Path) -> Gallery:
    return opened(tmp_path)


def decide(here: Gallery, verb, *arguments, **options) -> None:
    here.people._edit(lambda at: verb(at, *arguments, **options), print)


def identities(here: Gallery, samples: list[int]) -> list[str | None]:
    held = here.samples.get(samples)
    return [held[sample].identity for sample in samples]


def both_runs(here: Gallery):
    """What holds must hold after an incremental and after a full run."""
    for full in (False, True):
        cluster(here, full=full)
        yield full


def test_naming_a_cluster_names_its_samples_for_query_and_every_later_run(here):
    ada = enroll(here, of_person(1, 6, seed=1))
    cluster(here)
    decide(here, people.name, "c1", "Ada")
    assert identities(here, ada) == ["Ada"] * 6
    new = enroll(here, of_person(1, 2, seed=9))
    for _ in both_runs(here):
        assert names_of(here) == {1: "Ada"}
        assert identities(here, new) == [None, None]  # proposed, not yet confirmed
    decide(here, people.confirm, "Ada")
    assert identities(here, new) == ["Ada", "Ada"]


def test_some_of_the_proposed_samples_can_be_confirmed(here):
    enroll(here, of_person(1, 6, seed=1), identity="Ada")
    new = enroll(here, of_person(1, 3, seed=9))
    cluster(here)
    decide(here, people.confirm, "Ada", new[:1])
    assert identities(here, new) == ["Ada", None, None]


def test_a_renamed_person_keeps_what_was_decided_about_them(here):
    ada, other = enroll(here, of_person(1, 6, seed=1), identity="Ada"), enroll(here, of_person(1, 3, seed=5))
    cluster(here)
    decide(here, people.reject, "Ada", other)
    decide(here, people.name, "Ada", "Ada L.")
    for _ in both_runs(here):
        assert not clusters_of(here)[1] & set(other)
    assert identities(here, ada) == ["Ada L."] * 6
    enroll(here, of_person(2, 3, seed=2), identity="Bob")
    with pytest.raises(UsageError, match="use 'identity people merge'"):
        decide(here, people.name, "Bob", "Ada L.")


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


def test_a_suggestion_is_made_once_and_not_again_after_it_was_rejected(here):
    enroll(here, of_person(1, 4, seed=1), identity="Ada")
    enroll(here, of_person(2, 4, seed=7), identity="Bob")
    enroll(here, tilted(1, 4, by=0.85, seed=2))
    plan, _ = cluster(here)
    (only,) = plan.suggestions
    assert (only.cluster, only.name) == (3, "Ada")
    assert 0.2 < only.distance < 0.3
    assert only.margin > 0.3
    assert names_of(here)[3] is None
    decide(here, people.reject_name, "c3", "Ada")
    for full in both_runs(here):
        assert here.clusters.plan(ClusterRequest(eps=0.2, full=full)).suggestions == ()
        assert names_of(here)[3] is None


def tilted(person: int, count: int, *, by: float, seed: int) -> np.ndarray:
    """Vectors around a direction that lies at an angle to a person's own: its tangent is `by`."""
    own = of_person(person, 1, seed=0, spread=0.0)[0]
    aside = np.random.default_rng(99).normal(size=own.shape)
    aside -= (aside @ own) * own
    found = of_person(person, count, seed=seed) + by * aside / np.linalg.norm(aside)
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def test_merging_people_of_two_names_wants_to_know_which(here):
    enroll(here, of_person(1, 4, seed=1), identity="Ada")
    bob = enroll(here, of_person(2, 4, seed=2), identity="Bob")
    cluster(here)
    with pytest.raises(UsageError, match="called Ada and Bob: say with --as"):
        decide(here, people.merge, ["Ada", "Bob"])
    decide(here, people.merge, ["Ada", "Bob"], as_name="Ada")
    assert identities(here, bob) == ["Ada"] * 4
    for _ in both_runs(here):
        assert names_of(here) == {1: "Ada"}


def test_naming_a_cluster_as_somebody_known_joins_them(here):
    enroll(here, of_person(1, 4, seed=1), identity="Ada")
    enroll(here, of_person(2, 4, seed=2))
    cluster(here)
    decide(here, people.name, "c2", "Ada")
    assert names_of(here) == {1: "Ada"}


@pytest.mark.parametrize(
    ("verb", "arguments", "error", "said"),
    [
        (people.name, ("c9", "Ada"), NotFoundError, "no cluster and nobody called 'c9'"),
        (people.name, ("c1", "  "), UsageError, "at least one letter"),
        (people.merge, (["c1"],), UsageError, "two or more"),
        (people.confirm, ("c1",), UsageError, "has no name to confirm"),
        (people.split, ("c1", [1, 2, 3, 4]), UsageError, "all samples of 'c1'"),
        (people.split, ("c1", [77]), NotFoundError, "sample 77 is not of 'c1'"),
        (people.split, ("c1", []), UsageError, "say which samples"),
        (people.reject_name, ("c1", "c1"), UsageError, "is not a name"),
    ],
)
def test_what_cannot_be_meant_is_said_in_one_line(here, verb, arguments, error, said):
    enroll(here, of_person(1, 4, seed=1))
    cluster(here)
    with pytest.raises(error, match=said):
        decide(here, verb, *arguments)


def test_a_name_that_looks_like_a_number_means_the_person(here):
    seven = enroll(here, of_person(1, 4, seed=1), identity="7")
    for person in range(2, 10):
        enroll(here, of_person(person, 3, seed=person))
    cluster(here)
    assert here.people.here().find("7").identity != -1
    assert here.people.here().ids(here.people.here().find("c1").rows).tolist() == seven
    assert here.people.here().find("c7").identity == -1
