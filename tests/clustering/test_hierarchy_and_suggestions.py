"""HDBSCAN under the same interface, and suggestions that only suggest."""

import subprocess
import sys

import numpy as np
import pytest
from clustering_oracles import people, unit
from hdbscan import HDBSCAN

from identity.clustering.hdbscan import hdbscan
from identity.clustering.quality import pairwise
from identity.clustering.suggestions import suggest_names
from identity.core.errors import ClusteringError


def test_hdbscan_is_the_librarys_partition_numbered_by_lowest_sample():
    vectors, _ = people(np.random.default_rng(0), n=300, dim=16, spread=0.3)
    found = hdbscan(vectors, min_cluster_size=4, min_samples=2)
    expected = HDBSCAN(min_cluster_size=4, min_samples=2).fit_predict(vectors.astype(np.float64))
    assert pairwise(found, expected, noise_as_singletons=False).f1 == 1
    np.testing.assert_array_equal(found == -1, expected == -1)
    lowest = [int(np.flatnonzero(found == label)[0]) for label in range(found.max() + 1)]
    assert lowest == sorted(lowest)


@pytest.mark.parametrize("n", [1, 2])
def test_too_few_samples_for_a_hierarchy_are_noise(n):
    assert hdbscan(unit(np.ones((n, 3))), min_cluster_size=3).tolist() == [-1] * n


def test_a_cluster_of_one_is_refused():
    with pytest.raises(ClusteringError, match="--min-cluster-size must be at least 2, got 1"):
        hdbscan(np.eye(3), min_cluster_size=1)


def test_an_unnamed_cluster_is_told_its_nearest_name_and_margin():
    vectors = unit(np.array([[1, 0, 0], [1, 0.1, 0], [0, 1, 0], [0.8, 0.6, 0], [0, 0, 1]]))
    found = suggest_names(vectors, [0, 0, 1, 2, -1], names={0: "Ada", 1: "Bob"})
    assert [(s.cluster, s.name) for s in found] == [(2, "Ada")]
    ada = unit(np.array([[2 / np.sqrt(1), 0, 0]]))  # direction of cluster 0 is close to the x axis
    assert found[0].distance == pytest.approx(1 - float((ada @ vectors[3])[0]), abs=0.04)
    assert found[0].margin == pytest.approx((1 - 0.6) - found[0].distance, abs=1e-6)


def test_two_clusters_of_one_name_do_not_narrow_the_margin():
    vectors = unit(np.array([[1, 0.1, 0], [1, -0.1, 0], [0, 1, 0], [1, 0, 0]]))
    found = suggest_names(vectors, [0, 1, 2, 3], names={0: "Ada", 1: "Ada", 2: "Bob"})
    assert found[0].name == "Ada"
    assert found[0].margin > 0.9


def test_nothing_is_suggested_too_far_away_or_without_names():
    vectors = np.eye(3, dtype=np.float32)
    assert suggest_names(vectors, [0, 1, 2], names={}) == ()
    assert suggest_names(vectors, [0, 1, 2], names={0: "Ada"}, at_most=0.9) == ()
    assert suggest_names(vectors, [0, 1, 2], names={0: "Ada"})[0].margin == float("inf")


def test_importing_the_package_loads_nothing_heavy():
    heavy = "{'numpy', 'scipy', 'sklearn', 'hdbscan', 'onnxruntime'}"
    check = f"import sys, identity.clustering; sys.exit(', '.join({heavy} & set(sys.modules)) or 0)"
    assert subprocess.run([sys.executable, "-c", check], capture_output=True, text=True).returncode == 0
