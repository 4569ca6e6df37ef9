"""eps is found without labels, close to the best with labels, and never lets one cluster swallow the others."""

import os
from pathlib import Path

import numpy as np
import pytest
from clustering_oracles import people, unit

from identity.clustering.dbscan.density import dbscan
from identity.clustering.eps import choose_eps
from identity.clustering.quality import bcubed
from identity.clustering.stranger_distances import NearestStranger, fit_quartiles, safe_distance_at
from identity.core.errors import ClusteringError

DATA = Path(os.environ.get("IDENTITY_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
LFW = DATA / "faces" / "lfw" / "embeddings_face_reid_0095.npz"
FACE_REID = [(1e-2, 0.753), (1e-3, 0.652), (1e-4, 0.567), (1e-5, 0.489)]


def lfw():
    if not LFW.exists():
        pytest.skip("needs faces/lfw/embeddings_face_reid_0095.npz")
    with np.load(LFW) as stored:
        who = np.unique([name.split("/")[0] for name in stored["files"]], return_inverse=True)[1]
        return unit(stored["emb"].astype(np.float32)), who


@pytest.mark.parametrize("operating_points", [(), FACE_REID])
def test_lfw_is_clustered_within_a_hundredth_of_the_best_eps_found_with_labels(operating_points):
    vectors, who = lfw()
    chosen = choose_eps(vectors, min_samples=2, operating_points=operating_points)
    labels = dbscan(vectors, eps=chosen.value, min_samples=2)
    assert bcubed(labels, who).f1 > 0.976 - 0.01
    assert np.bincount(labels[labels >= 0]).max() <= 530  # the photographs of the most photographed person


def test_forty_people_with_ten_photographs_each_are_found():
    vectors, who = lfw()
    counts = np.bincount(who)
    rng = np.random.default_rng(5)
    chosen_people = rng.choice(np.flatnonzero(counts >= 10), 40, replace=False)
    rows = np.concatenate([rng.permutation(np.flatnonzero(who == person))[:10] for person in chosen_people])
    labels = dbscan(vectors[rows], eps=choose_eps(vectors[rows], min_samples=2).value, min_samples=2)
    assert bcubed(labels, who[rows]).f1 > 0.95


def test_strangers_alone_do_not_chain_into_one_cluster():
    vectors, who = lfw()
    alone = np.flatnonzero(np.bincount(who)[who] == 1)
    labels = dbscan(vectors[alone], eps=choose_eps(vectors[alone], min_samples=2).value, min_samples=2)
    assert np.bincount(labels[labels >= 0], minlength=1).max() < 0.01 * len(alone)


@pytest.mark.parametrize("seed", range(3))
def test_ten_wide_digits_are_ten_clusters(seed):
    rng = np.random.default_rng(seed)
    who = rng.integers(0, 10, size=1500)
    centres = np.linalg.qr(rng.normal(size=(32, 32)))[0][:10]
    vectors = unit(centres[who] + rng.gamma(2, 0.02, size=(1500, 1)) * rng.normal(size=(1500, 32)))
    labels = dbscan(vectors, eps=choose_eps(vectors, min_samples=3).value, min_samples=3)
    assert labels.max() + 1 == 10
    assert bcubed(labels, who).f1 > 0.98


@pytest.mark.parametrize("n", [3000, 12000])
def test_a_part_tells_at_which_eps_the_denser_whole_does_not_chain(n):
    rng = np.random.default_rng(0)
    who = rng.integers(0, 10, size=n)
    centres = np.linalg.qr(rng.normal(size=(8, 8)))[0]
    centres = np.concatenate([centres, -centres[:2]])
    wide = rng.gamma(2, 0.08, size=(n, 1)) * rng.normal(size=(n, 8))
    vectors = unit(centres[who] + wide)
    chosen = choose_eps(vectors, min_samples=5, at_most=1500)
    labels = dbscan(vectors, eps=chosen.value, min_samples=5)
    assert np.bincount(labels[labels >= 0]).max() < 0.15 * n


def test_a_calibrations_safe_distance_is_the_upper_end_and_named():
    vectors, _ = people(np.random.default_rng(0), n=300, dim=32, spread=0.3)
    chosen = choose_eps(vectors, min_samples=2, safe_distance=0.3)
    assert 0 < chosen.value <= 0.3
    assert "calibration" in chosen.reason
    assert "\n" not in chosen.reason


def test_the_choice_is_the_same_every_time():
    vectors, _ = people(np.random.default_rng(0), n=400, dim=32)
    assert choose_eps(vectors, min_samples=2, at_most=200) == choose_eps(vectors, min_samples=2, at_most=200)


@pytest.mark.parametrize("n", [1, 2, 3, 50])
def test_identical_samples_get_an_eps_that_joins_them(n):
    vectors = np.repeat(unit(np.arange(1, 9)[None, :]), n, axis=0)
    chosen = choose_eps(vectors, min_samples=1)
    assert set(dbscan(vectors, eps=chosen.value, min_samples=1).tolist()) == {0}


def test_a_weibull_law_is_recovered_and_extrapolates():
    law = NearestStranger(scale=0.6, shape=12.0)
    draws = law.scale * np.random.default_rng(1).weibull(law.shape, size=200_000)
    found = fit_quartiles(draws)
    assert found.scale == pytest.approx(0.6, rel=0.01)
    assert found.shape == pytest.approx(12.0, rel=0.02)
    assert (draws < found.distance(0.01)).mean() == pytest.approx(0.01, rel=0.1)


def test_published_rates_are_met_between_and_continued_beyond_the_points():
    assert safe_distance_at(FACE_REID, n=1000, risk=0.01) == pytest.approx(0.489)
    assert safe_distance_at(FACE_REID, n=100, risk=0.01) == pytest.approx(0.567)
    assert 0.567 < safe_distance_at(FACE_REID, n=50, risk=0.01) < 0.652
    assert 0.35 < safe_distance_at(FACE_REID, n=10_000, risk=0.01) < 0.489


def test_a_risk_that_is_no_share_is_refused():
    with pytest.raises(ClusteringError, match="risk must be between 0 and 1, got 2"):
        choose_eps(np.eye(3), min_samples=1, risk=2)
