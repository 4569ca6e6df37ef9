"""Runs: full and incremental agree, numbers survive, undo restores, what is forgotten is forgotten."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cluster_worlds import EPS, cluster, clusters_of, enroll, names_of, of_person, opened
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity.clustering.dbscan.density import dbscan
from identity.core.errors import NotFoundError
from identity.gallery import Gallery
from identity.store.sample_changes import remove
from identity.workflows.cluster.request import ClusterRequest


@pytest.fixture
def here(tmp_path: Path) -> Gallery:
    return opened(tmp_path)


def test_two_people_are_found_and_a_stranger_is_left_alone(here):
    ada, bob = enroll(here, of_person(1, 6, seed=1)), enroll(here, of_person(2, 4, seed=2))
    enroll(here, of_person(3, 1, seed=3))
    plan, run = cluster(here)
    assert clusters_of(here) == {1: set(ada), 2: set(bob)}
    assert (plan.people, run.n_samples, run.n_clusters, run.n_noise) == (2, 11, 2, 1)


def test_eps_is_chosen_without_labels_and_says_why(here):
    for person in range(8):
        enroll(here, of_person(person, 6, seed=person))
    plan, run = cluster(here, eps=None)
    assert plan.people == 8
    assert run.eps_auto
    assert run.eps_reason.startswith("midpoint of")


def test_a_dry_run_shows_the_same_and_changes_nothing(here):
    enroll(here, of_person(1, 6, seed=1))
    plan = here.clusters.plan(ClusterRequest(eps=EPS))
    assert plan.people == 1
    assert clusters_of(here) == {}
    assert here.clusters.history() == []


def test_the_second_run_attaches_what_is_new_and_keeps_every_number(here):
    ada, bob = enroll(here, of_person(1, 6, seed=1)), enroll(here, of_person(2, 4, seed=2))
    cluster(here)
    more, carol = enroll(here, of_person(2, 9, seed=7)), enroll(here, of_person(4, 3, seed=8))
    plan, run = cluster(here)
    assert run.mode == "incremental"
    assert clusters_of(here) == {1: set(ada), 2: {*bob, *more}, 3: set(carol)}
    assert (plan.difference.kept, plan.difference.added, plan.difference.gone) == ((1, 2), (3,), ())


def test_a_full_run_continues_the_numbers_whatever_order_the_clusters_come_in(here):
    bob = enroll(here, of_person(2, 4, seed=2))
    cluster(here)
    ada = enroll(here, of_person(1, 6, seed=1))
    cluster(here, full=True)
    assert clusters_of(here) == {1: set(bob), 2: set(ada)}


def test_other_parameters_make_a_full_run(here):
    enroll(here, of_person(1, 6, seed=1))
    cluster(here)
    assert cluster(here, eps=0.3)[1].mode == "full"
    assert cluster(here, eps=0.3, min_samples=3)[1].mode == "full"
    assert cluster(here, algo="hdbscan", eps=None)[1].mode == "full"


def test_a_run_with_nothing_new_writes_nothing(here):
    enroll(here, of_person(1, 6, seed=1))
    first = cluster(here)[1]
    changes = here.store.gallery.changes
    assert cluster(here)[1].id == first.id
    assert here.store.gallery.changes == changes


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), first=st.integers(2, 25), spread=st.sampled_from([0.05, 0.12, 0.2]))
def test_attached_in_two_parts_or_clustered_at_once_it_is_dbscans_partition(tmp_path_factory, seed, first, spread):
    """Cores and noise are those of a full run; clusters that new samples connect stay two and are reported."""
    here = opened(tmp_path_factory.mktemp("home"))
    vectors = np.concatenate([of_person(p, 9, seed=seed + p, spread=spread) for p in range(4)])
    vectors = vectors[np.random.default_rng(seed).permutation(len(vectors))]
    enroll(here, vectors[:first])
    cluster(here)
    enroll(here, vectors[first:])
    plan, _ = cluster(here)
    whole = dbscan(vectors, eps=EPS, min_samples=2)
    found = plan.outcome.labels
    np.testing.assert_array_equal(found == -1, whole == -1)
    for number in set(found.tolist()) - {-1}:
        assert len(set(whole[found == number].tolist())) == 1
    if not plan.outcome.bridges and plan.outcome.run.mode == "incremental":
        assert len(set(found.tolist())) == len(set(whole.tolist()))
    here.close()


def test_hdbscan_finds_them_too(here):
    for person in range(3):
        enroll(here, of_person(person, 8, seed=person))
    assert cluster(here, algo="hdbscan", eps=None, min_cluster_size=3)[0].people == 3


def test_undo_restores_the_clusters_before_and_leaves_names(here):
    ada = enroll(here, of_person(1, 6, seed=1))
    cluster(here)
    enroll(here, of_person(2, 4, seed=2))
    cluster(here)
    undone = here.clusters.undo()
    assert undone.mode == "incremental"
    assert clusters_of(here) == {1: set(ada)}
    assert [run.undone_at is not None for run in here.clusters.history()] == [False, True]
    cluster(here)
    assert set(clusters_of(here)) == {1, 3}  # number 2 was somebody's once and is nobody else's


def test_undo_of_nothing_is_said(here):
    with pytest.raises(NotFoundError, match="no run to undo"):
        here.clusters.undo()


def test_a_forgotten_sample_is_in_no_run_and_no_decision(here):
    ada = enroll(here, of_person(1, 6, seed=1))
    cluster(here)
    here.people.reject("c1", ada[:1])
    database, gallery = here.store._transactions, here.store.gallery
    with database.write() as connection:
        remove(connection, gallery, ada[:1])
    with database.read() as connection:
        for table in ("cluster_label", "party_member", "refusal"):
            rows = connection.exec_driver_sql(f"SELECT count(*) FROM {table} WHERE sample_id = {ada[0]}").scalar()
            assert rows == 0
    assert clusters_of(here) == {1: set(ada[1:])}


def test_numbers_and_names_survive_many_runs(here):
    rng = np.random.default_rng(5)
    for person in range(3):
        enroll(here, of_person(person, 5, seed=person), identity="ABC"[person])
    cluster(here)
    before = names_of(here)
    for round_ in range(4):
        enroll(here, of_person(int(rng.integers(0, 3)), 2, seed=100 + round_))
        cluster(here, full=bool(round_ % 2))
    assert names_of(here) == before
