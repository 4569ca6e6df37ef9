"""What can hardly be clustered, or not at all: the right answer or one clear error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cluster_worlds import cluster, enroll, of_person, opened

from identity.core.errors import ClusteringError
from identity.gallery import Gallery


@pytest.fixture
def here(tmp_path: Path) -> Gallery:
    return opened(tmp_path)


def test_an_empty_gallery_has_nothing_to_cluster(here):
    with pytest.raises(ClusteringError, match="enroll samples first"):
        cluster(here)


def test_one_sample_is_nobody_yet(here):
    enroll(here, of_person(1, 1, seed=1))
    plan, run = cluster(here, eps=None)
    assert (plan.people, run.n_noise, run.eps) == (0, 1, None)


def test_identical_samples_are_one_person(here):
    one = of_person(1, 1, seed=1)[0]
    for name in "abcde":
        enroll(here, one[None], photograph=name)
    assert cluster(here, eps=None)[0].people == 1


def test_strangers_only_are_all_left_alone(here):
    enroll(here, np.concatenate([of_person(person, 1, seed=person) for person in range(30)]))
    plan, run = cluster(here)
    assert (plan.people, run.n_noise) == (0, 30)


@pytest.mark.parametrize("eps", [0.0, -1.0, 2.5, float("nan")])
def test_an_eps_that_is_no_neighbourhood_is_refused(here, eps):
    enroll(here, of_person(1, 6, seed=1))
    with pytest.raises(ClusteringError, match="must be in"):
        cluster(here, eps=eps)


def test_min_samples_above_the_samples_there_are_is_refused(here):
    enroll(here, of_person(1, 6, seed=1))
    with pytest.raises(ClusteringError, match="at most 6, the number of samples"):
        cluster(here, min_samples=7)


def test_a_vector_that_is_not_a_number_is_named(here):
    broken = of_person(1, 3, seed=1)
    broken[1, 0] = np.nan
    enroll(here, broken)
    with pytest.raises(ClusteringError, match="holds NaN or infinity"):
        cluster(here)


def test_an_unknown_algorithm_is_named(here):
    enroll(here, of_person(1, 3, seed=1))
    with pytest.raises(ClusteringError, match="choose dbscan or hdbscan"):
        cluster(here, algo="kmeans")
