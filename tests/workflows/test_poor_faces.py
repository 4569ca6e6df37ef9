"""Faces of a poor quality found no cluster and bridge none; they are counted, with the reason, and may join."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cluster_worlds import EPS, cluster, clusters_of, enroll, of_person, opened

from identity.core.distance import unit_vectors
from identity.core.errors import ClusteringError
from identity.core.face_quality import FaceMeasures
from identity.gallery import Gallery

SHARP, TINY, BLURRED = FaceMeasures(60, 0.05, 0.9), FaceMeasures(8, 0.05, 0.9), FaceMeasures(60, 0.0005, 0.9)


@pytest.fixture
def here(tmp_path: Path) -> Gallery:
    return opened(tmp_path)


def between(first: np.ndarray, second: np.ndarray, *, steps: int) -> np.ndarray:
    """A chain of vectors from one to the other."""
    share = np.linspace(0, 1, steps + 2)[1:-1, None]
    return unit_vectors(first * (1 - share) + second * share)


def test_far_faces_in_the_background_are_nobody_and_are_told_with_their_reason(here):
    ada = enroll(here, of_person(1, 4, seed=1), measures=SHARP)
    enroll(here, of_person(2, 3, seed=2), measures=TINY)
    enroll(here, of_person(3, 2, seed=3), measures=BLURRED)
    plan, run = cluster(here)
    assert clusters_of(here) == {1: set(ada)}
    assert (plan.people, dict(plan.kept_out), run.min_quality) == (1, {"small": 3, "blurred": 2}, 0.5)
    everybody, _ = cluster(here, min_quality=0.0)
    assert (everybody.people, dict(everybody.kept_out)) == (3, {})


def test_a_poor_face_of_somebody_joins_them(here):
    ada = enroll(here, of_person(1, 4, seed=1), measures=SHARP)
    ada += enroll(here, of_person(1, 1, seed=9), measures=BLURRED)
    plan, _ = cluster(here)
    assert clusters_of(here) == {1: set(ada)}
    assert plan.outcome.core.tolist() == [True] * 4 + [False]


@pytest.mark.parametrize("later", [False, True])
def test_a_chain_of_poor_faces_links_no_two_people_in_a_full_run_or_when_they_come_later(here, later):
    people = of_person(1, 4, seed=1), of_person(2, 4, seed=2)
    ada, bob = (enroll(here, one, measures=SHARP) for one in people)
    if later:
        cluster(here)
    enroll(here, between(people[0][0], people[1][0], steps=6), measures=TINY)
    plan, run = cluster(here)
    assert run.mode == ("incremental" if later else "full")
    found = clusters_of(here)
    assert (set(ada) <= found[1], set(bob) <= found[2], plan.outcome.bridges) == (True, True, ())
    cluster(here, min_quality=0.0)
    assert len(clusters_of(here)) == 1


def test_poor_faces_that_come_later_make_no_cluster_and_no_new_core(here):
    enroll(here, of_person(1, 4, seed=1), measures=SHARP)
    alone = enroll(here, of_person(2, 1, seed=2), measures=TINY)
    cluster(here)
    more = enroll(here, of_person(2, 3, seed=5), measures=TINY)
    _, run = cluster(here)
    assert run.mode == "incremental"
    assert set(clusters_of(here)) == {1}
    good = enroll(here, of_person(2, 1, seed=6), measures=SHARP)
    cluster(here)
    assert clusters_of(here)[2] == {*alone, *more, *good}


def test_another_limit_clusters_everything_again_and_the_run_remembers_it(here):
    enroll(here, of_person(1, 4, seed=1), measures=SHARP)
    enroll(here, of_person(2, 3, seed=2), measures=TINY)
    cluster(here, min_quality=0.0)
    _, run = cluster(here)
    assert (run.mode, here.clusters.history()[-1].min_quality) == ("full", 0.5)


def test_samples_that_were_never_measured_count_as_good_and_later_runs_go_on_attaching(here):
    ada = enroll(here, of_person(1, 4, seed=1))
    plan, run = cluster(here)
    assert (clusters_of(here), run.min_quality, dict(plan.kept_out)) == ({1: set(ada)}, 0.0, {})
    enroll(here, of_person(1, 1, seed=2))
    assert cluster(here)[1].mode == "incremental"


def test_hdbscan_builds_its_tree_of_good_faces_and_poor_ones_join(here):
    ada, bob = (enroll(here, of_person(p, 6, seed=p), measures=SHARP) for p in (1, 2))
    enroll(here, of_person(3, 4, seed=3), measures=TINY)
    plan, _ = cluster(here, algo="hdbscan", eps=None)
    assert {frozenset(found) for found in clusters_of(here).values()} == {frozenset(ada), frozenset(bob)}
    assert not plan.outcome.core[-4:].any()


def test_what_a_person_says_of_a_poor_face_holds(here):
    ada = enroll(here, of_person(1, 3, seed=1), identity="Ada", measures=SHARP)
    far = enroll(here, of_person(1, 1, seed=1, spread=2.0), identity="Ada", measures=TINY)
    cluster(here)
    assert clusters_of(here) == {1: {*ada, *far}}


def test_quality_is_on_the_sample_and_a_limit_outside_0_to_1_is_an_error(here):
    (poor,), (good,) = (enroll(here, of_person(p, 1, seed=p), measures=m) for p, m in ((1, TINY), (2, SHARP)))
    (old,) = enroll(here, of_person(3, 1, seed=3))
    found = here.samples.get([poor, good, old])
    assert found[poor].quality.reason == "small: 8 pixels from eye to eye"
    assert (found[good].quality.is_poor, found[old].quality) == (False, None)
    with pytest.raises(ClusteringError, match="--min-quality"):
        cluster(here, eps=EPS, min_quality=1.5)


def test_a_forgotten_face_takes_its_measures_along(here):
    (poor,) = enroll(here, of_person(1, 1, seed=1), measures=TINY)
    here.samples.remove([poor])
    assert here.clusters.store.state().quality == {}
