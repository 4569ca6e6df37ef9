"""DBSCAN is exact: cores, borders, noise and numbers are scikit-learn's on the float64 relation."""

import numpy as np
import pytest
from clustering_oracles import PRECISIONS, dbscan_oracle, people, squared_distance_matrix, unit
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from identity.clustering.dbscan import neighbours
from identity.clustering.dbscan.density import dbscan, density_clusters
from identity.core.errors import ClusteringError
from identity.core.stopping import STOPPING


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr(neighbours, "TILE_ROWS", 16)
    monkeypatch.setattr(neighbours, "TILE_COLUMNS", 16)


@settings(max_examples=100, deadline=None)
@pytest.mark.parametrize("precision", PRECISIONS)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 90),
    dim=st.integers(1, 12),
    min_samples=st.integers(1, 6),
    eps=st.floats(1e-3, 2.0),
    copies=st.integers(1, 4),
)
def test_labels_are_scikit_learns_on_random_rows_with_duplicates(
    precision, seed, n, dim, min_samples, eps, copies
):
    rng = np.random.default_rng(seed)
    vectors = unit(rng.normal(size=(n, dim)))[rng.integers(0, max(1, n // copies), size=n)]
    min_samples = min(min_samples, n)
    found = density_clusters(vectors, eps=eps, min_samples=min_samples, precision=precision)
    oracle = dbscan_oracle(vectors, eps=eps, min_samples=min_samples)
    np.testing.assert_array_equal(found.labels, oracle.labels_)
    np.testing.assert_array_equal(np.flatnonzero(found.core), oracle.core_sample_indices_)


@settings(max_examples=100, deadline=None)
@pytest.mark.parametrize("precision", PRECISIONS)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(2, 80),
    dim=st.integers(2, 64),
    nudge=st.sampled_from([-1, 0, 1]),
    min_samples=st.integers(1, 4),
)
def test_a_pair_exactly_at_the_threshold_is_decided_as_in_float64(precision, seed, n, dim, nudge, min_samples):
    rng = np.random.default_rng(seed)
    vectors = unit(rng.normal(size=(n, dim)) + rng.normal(size=dim))
    squared = squared_distance_matrix(vectors)
    i, j = rng.choice(n, size=2, replace=False)
    eps = squared[i, j] / 2
    eps = float(np.nextafter(eps, eps + nudge)) if nudge else float(eps)
    min_samples = min(min_samples, n)
    oracle = dbscan_oracle(vectors, eps=eps, min_samples=min_samples)
    found = dbscan(vectors, eps=eps, min_samples=min_samples, precision=precision)
    np.testing.assert_array_equal(found, oracle.labels_)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("dim", [2, 64, 512])
@pytest.mark.parametrize("eps", [0.5, 1.0, 1.5])
def test_ties_of_orthogonal_and_opposite_rows_are_neighbours(precision, dim, eps):
    axes = np.eye(dim, dtype=np.float32)
    vectors = np.concatenate([axes, -axes[: dim // 2], axes[:1]])
    oracle = dbscan_oracle(vectors, eps=eps, min_samples=2)
    np.testing.assert_array_equal(dbscan(vectors, eps=eps, min_samples=2, precision=precision), oracle.labels_)


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("min_samples", [1, 2, 5, 20])
@pytest.mark.parametrize("eps", [0.2, 0.35, 0.5, 0.7])
def test_labels_over_many_tiles_are_scikit_learns_euclidean_run(precision, min_samples, eps):
    vectors, _ = people(np.random.default_rng(3), n=700, dim=32)
    oracle = DBSCAN(eps=np.sqrt(2 * eps), min_samples=min_samples).fit(vectors.astype(np.float64))
    found = density_clusters(vectors, eps=eps, min_samples=min_samples, precision=precision)
    np.testing.assert_array_equal(found.labels, oracle.labels_)
    np.testing.assert_array_equal(np.flatnonzero(found.core), oracle.core_sample_indices_)


@pytest.mark.usefixtures("small_tiles")
def test_labels_do_not_depend_on_threads():
    vectors, _ = people(np.random.default_rng(4), n=500, dim=16)
    one = density_clusters(vectors, eps=0.4, min_samples=3, threads=1).labels
    for _ in range(3):
        many = density_clusters(vectors, eps=0.4, min_samples=3, threads=4).labels
        np.testing.assert_array_equal(one, many)


def test_a_border_point_goes_to_the_lowest_numbered_of_its_clusters():
    angles = np.radians([40, 41, 42, 50, 58, 59, 60])
    vectors = unit(np.stack([np.cos(angles), np.sin(angles)], axis=1)[::-1])
    eps = 1 - np.cos(np.radians(8.5))
    np.testing.assert_array_equal(dbscan(vectors, eps=eps, min_samples=4), [0, 0, 0, 0, 1, 1, 1])


def test_one_sample_is_noise_or_its_own_cluster():
    vector = unit(np.ones((1, 4)))
    assert dbscan(vector, eps=0.1, min_samples=1).tolist() == [0]


def test_identical_samples_are_one_cluster_and_scattered_ones_are_noise():
    same = np.repeat(unit(np.ones((1, 8))), 2500, axis=0)
    assert set(dbscan(same, eps=1e-9, min_samples=2500).tolist()) == {0}
    assert set(dbscan(np.eye(40, dtype=np.float32), eps=0.5, min_samples=2).tolist()) == {-1}


@pytest.mark.parametrize(
    ("vectors", "eps", "min_samples", "cause"),
    [
        (np.empty((0, 4)), 0.4, 1, "nothing to cluster"),
        (np.ones(4), 0.4, 1, "1 axes"),
        (np.full((3, 4), np.nan), 0.4, 1, "row 0 holds NaN"),
        (np.eye(3) * 1e30, 0.4, 1, "row 0 is too long: its squared length overflows float32"),
        (np.ones((3, 4)), 0.4, 1, "length 2, not 1"),
        (np.eye(3), 0.0, 1, r"--eps must be in \(0, 2\], got 0"),
        (np.eye(3), 2.1, 1, r"--eps must be in \(0, 2\], got 2.1"),
        (np.eye(3), float("nan"), 1, r"--eps must be in \(0, 2\], got nan"),
        (np.eye(3), 0.4, 0, "--min-samples must be at least 1, got 0"),
        (np.eye(3), 0.4, 4, "--min-samples must be at most 3, the number of samples, got 4"),
    ],
)
def test_what_cannot_be_clustered_is_said_in_one_line(vectors, eps, min_samples, cause):
    with pytest.raises(ClusteringError, match=cause) as caught:
        dbscan(vectors, eps=eps, min_samples=min_samples)
    assert "\n" not in str(caught.value)


def test_an_unknown_precision_is_named():
    with pytest.raises(ClusteringError, match="precision 'float8'"):
        dbscan(np.eye(3), eps=0.4, min_samples=1, precision="float8")


def test_a_person_who_asks_to_stop_is_heard_between_tiles():
    STOPPING.ask()
    try:
        with pytest.raises(KeyboardInterrupt):
            dbscan(np.eye(40, dtype=np.float32), eps=0.4, min_samples=1)
    finally:
        STOPPING.forget()
