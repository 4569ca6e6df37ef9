"""HDBSCAN's tree, labels and probabilities are the library's to the last bit, ties and copies included."""

import numpy as np
import pytest
from clustering_oracles import PRECISIONS, people, unit
from hdbscan import HDBSCAN
from hdbscan._hdbscan_linkage import mst_linkage_core_vector
from hdbscan.dist_metrics import DistanceMetric
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import KDTree

from identity.clustering.dbscan.precision import coarsest_tiles
from identity.clustering.dbscan.tiles import spreads_of
from identity.clustering.hdbscan import hierarchy_clusters, number_by_lowest
from identity.clustering.hierarchy import nearest, outsiders, tree
from identity.clustering.hierarchy.distances import distances_of, least_products, margin_of
from identity.clustering.hierarchy.tree import reachability_tree
from identity.core.stopping import STOPPING


@pytest.fixture(autouse=True)
def small_tiles_and_lists(monkeypatch):
    for module in (nearest, outsiders):
        monkeypatch.setattr(module, "TILE_ROWS", 16)
        monkeypatch.setattr(module, "TILE_COLUMNS", 16)
    monkeypatch.setattr(tree, "LISTED", 1)


def library_tree(vectors, min_samples):
    wide = vectors.astype(np.float64)
    core = KDTree(wide).query(wide, k=min_samples + 1, dualtree=True, breadth_first=True)[0][:, -1].copy()
    return mst_linkage_core_vector(wide, core, DistanceMetric.get_metric("euclidean"), 1.0)


def library_clusters(vectors, *, min_cluster_size, min_samples):
    oracle = HDBSCAN(min_cluster_size=min_cluster_size, min_samples=min_samples, algorithm="prims_kdtree")
    oracle.fit(vectors.astype(np.float64))
    return number_by_lowest(oracle.labels_.astype(np.int64)), oracle.probabilities_


def drawn(kind, rng, n, dim):
    """Scattered, copied, in groups, or on a grid where nearly all distances tie."""
    match kind:
        case "scattered":
            return unit(rng.normal(size=(n, dim)))
        case "copied":
            return unit(rng.normal(size=(n, dim)))[rng.integers(0, max(1, n // rng.integers(1, 9)), size=n)]
        case "groups":
            return people(rng, n=n, dim=dim, spread=0.3)[0]
        case _:
            return unit(rng.integers(-1, 2, size=(n, dim)) + np.eye(1, dim) * 1e-9)


@settings(max_examples=8, deadline=None)
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("kind", ["scattered", "copied", "groups", "grid"])
@given(
    seed=st.integers(0, 2**32 - 1), n=st.integers(2, 120), dim=st.integers(2, 20), min_samples=st.integers(1, 8)
)
def test_the_tree_is_the_librarys_edge_by_edge(precision, kind, seed, n, dim, min_samples):
    vectors = drawn(kind, np.random.default_rng(seed), n, dim)
    min_samples = min(min_samples, n - 1)
    found = reachability_tree(vectors, min_samples=min_samples, precision=precision)
    np.testing.assert_array_equal(found, library_tree(vectors, min_samples))


@settings(max_examples=8, deadline=None)
@pytest.mark.parametrize("kind", ["scattered", "copied", "groups", "grid"])
@given(
    seed=st.integers(0, 2**32 - 1), n=st.integers(9, 150), dim=st.integers(2, 80), size=st.integers(2, 6),
    min_samples=st.integers(1, 8),
)  # fmt: skip
def test_labels_and_probabilities_are_the_librarys(kind, seed, n, dim, size, min_samples):
    vectors = drawn(kind, np.random.default_rng(seed), n, dim)
    found = hierarchy_clusters(vectors, min_cluster_size=size, min_samples=min_samples)
    labels, probabilities = library_clusters(vectors, min_cluster_size=size, min_samples=min_samples)
    np.testing.assert_array_equal(found.labels, labels)
    np.testing.assert_array_equal(found.probabilities, probabilities)


@pytest.mark.parametrize("min_samples", [2, 5])
def test_long_vectors_are_clustered_as_by_the_librarys_own_choice_of_algorithm(min_samples):
    vectors, _ = people(np.random.default_rng(1), n=900, dim=128, spread=0.5)
    oracle = HDBSCAN(min_cluster_size=3, min_samples=min_samples).fit(vectors.astype(np.float64))
    found = hierarchy_clusters(vectors, min_cluster_size=3, min_samples=min_samples)
    np.testing.assert_array_equal(found.labels, number_by_lowest(oracle.labels_.astype(np.int64)))
    np.testing.assert_array_equal(found.probabilities, oracle.probabilities_)
    assert found.labels.max() > 20


def test_samples_that_are_all_equal_are_the_librarys_one_group():
    vectors = np.repeat(unit(np.ones((1, 8))), 60, axis=0)
    np.testing.assert_array_equal(reachability_tree(vectors, min_samples=3), library_tree(vectors, 3))


def test_more_equal_distances_than_lists_may_hold_are_left_to_the_library(monkeypatch):
    monkeypatch.setattr(nearest, "MOST_TIED", 1)
    vectors = np.eye(40, dtype=np.float32)
    with pytest.raises(nearest.TiedEverywhereError):
        reachability_tree(vectors, min_samples=2)
    found = hierarchy_clusters(vectors, min_cluster_size=2, min_samples=2)
    labels, probabilities = library_clusters(vectors, min_cluster_size=2, min_samples=2)
    np.testing.assert_array_equal(found.labels, labels)
    np.testing.assert_array_equal(found.probabilities, probabilities)


@settings(max_examples=30, deadline=None)
@pytest.mark.parametrize("precision", PRECISIONS)
@given(seed=st.integers(0, 2**32 - 1), dim=st.integers(1, 200), decades=st.floats(0, 30))
def test_no_pair_within_a_distance_has_a_product_below_what_is_looked_at(precision, seed, dim, decades):
    rng = np.random.default_rng(seed)
    vectors = unit(rng.normal(size=(12, dim)) * 10 ** rng.uniform(-decades, 0, size=(12, dim)))
    vectors *= rng.uniform(0.992, 1.008, size=(12, 1)).astype(np.float32)
    tiles = coarsest_tiles(vectors, vectors, spreads_of(vectors, vectors), precision=precision)
    products = tiles.stripe(slice(0, 12))(slice(0, 12), np.empty(144, np.float32))
    i, j = np.indices((12, 12)).reshape(2, -1)
    distances = distances_of(vectors, i, j)
    assert (products[i, j] >= least_products(tiles, distances, products.dtype)).all()
    for row in range(12):
        order = np.argsort(distances[row * 12 : row * 12 + 12], kind="stable")
        furthest = products[row, order[:6]].min()
        assert np.sort(products[row])[-6] - margin_of(tiles) <= furthest


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), dim=st.integers(1, 300))
def test_a_distance_is_the_librarys_to_the_last_bit(seed, dim):
    vectors = unit(np.random.default_rng(seed).normal(size=(9, dim)))
    i, j = np.indices((9, 9)).reshape(2, -1)
    expected = DistanceMetric.get_metric("euclidean").pairwise(vectors.astype(np.float64))
    np.testing.assert_array_equal(distances_of(vectors, i, j).reshape(9, 9), expected)


def test_a_person_who_asks_to_stop_is_heard_between_tiles():
    vectors, _ = people(np.random.default_rng(0), n=100, dim=8)
    STOPPING.ask()
    try:
        with pytest.raises(KeyboardInterrupt):
            reachability_tree(vectors, min_samples=2)
    finally:
        STOPPING.forget()
