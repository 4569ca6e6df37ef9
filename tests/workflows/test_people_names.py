"""Names that people give: whom they mean, whom they join, and what cannot be meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from cluster_worlds import both_runs, cluster, clusters_of, decide, enroll, identities, names_of, of_person, opened

from identity.core.errors import NotFoundError, UsageError
from identity.gallery import Gallery
from identity.workflows.cluster import edits as people


@pytest.fixture
def here(tmp_path: Path) -> Gallery:
    return opened(tmp_path)


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
    with pytest.raises(UsageError, match="join the two with 'identity people merge'"):
        decide(here, people.name, "Bob", "Ada L.")


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


def test_one_name_to_merge_is_one_name_never_its_letters(here):
    for letter in "AB":
        enroll(here, of_person(ord(letter), 4, seed=1), identity=letter)
    cluster(here)
    with pytest.raises(UsageError, match="two or more"):
        here.people.merge("AB")


def test_a_name_that_looks_like_a_number_means_the_person(here):
    seven = enroll(here, of_person(1, 4, seed=1), identity="7")
    for person in range(2, 10):
        enroll(here, of_person(person, 3, seed=person))
    cluster(here)
    assert here.people.here().find("7").identity != -1
    assert here.people.here().ids(here.people.here().find("c1").rows).tolist() == seven
    assert here.people.here().find("c7").identity == -1
