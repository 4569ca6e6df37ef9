"""HDBSCAN under the same interface, and suggestions that only suggest."""

import subprocess
import sys

import numpy as np
import pytest
from clustering_oracles import people, unit
from hdbscan import HDBSCAN

from identity.clustering.hdbscan import hdbscan
from identity.clustering.quality import pairwise
from identity.clustering.suggestions import Called, suggest_names
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


def called(**thresholds: float) -> dict[int, Called]:
    return {place: Called(name, threshold) for place, (name, threshold) in enumerate(thresholds.items())}


def test_an_unnamed_cluster_is_told_the_name_within_whose_threshold_it_lies():
    vectors = unit(np.array([[1, 0, 0], [1, 0.1, 0], [0, 1, 0], [1, 0.4, 0], [0, 0, 1]]))
    (only,) = suggest_names(vectors, [0, 0, 1, 2, -1], names=called(Ada=0.2, Bob=0.2))
    assert (only.cluster, only.name, only.threshold) == (2, "Ada", 0.2)
    pairs = 1 - vectors[:2] @ vectors[3]
    assert only.distance == pytest.approx(pairs.mean(), abs=1e-6)
    assert only.lead < 0.2
    assert suggest_names(vectors, [0, 0, 1, 2, -1], names=called(Ada=0.04, Bob=0.2)) == ()


def test_nobody_is_suggested_who_is_not_clearly_nearer_than_everybody_else_named_or_not():
    ada, stranger, other = unit(np.array([[1, 0, 0], [0.9, 0.45, 0], [0.9, 0.2, 0.45]]))
    labels, names = [0, 1, 2], {0: Called("Ada", 0.5)}
    assert suggest_names(np.stack([ada, stranger]), [0, 1], names=names)[0].name == "Ada"
    assert suggest_names(np.stack([ada, stranger, other]), labels, names=names) == ()
    for far in (True, False):
        second = -other if far else ada
        called_ada = {0: Called("Ada", 0.5), 2: Called("Ada", 0.5)}
        found = suggest_names(np.stack([ada, stranger, second]), labels, names=called_ada)
        assert found[0].lead == 0, "another cluster of the same name is no rival"


def test_nothing_is_suggested_without_names_or_without_anybody_unnamed():
    vectors = np.eye(3, dtype=np.float32)
    assert suggest_names(vectors, [0, 1, 2], names={}) == ()
    assert suggest_names(vectors, [-1, -1, -1], names={}) == ()
    assert suggest_names(vectors, [0, 1, 2], names=called(Ada=2.0, Bob=2.0, Eve=2.0)) == ()
    assert suggest_names(vectors, [0, 1, 1], names=called(Ada=2.0))[0].lead == 0


def test_importing_the_package_loads_nothing_heavy():
    heavy = "{'numpy', 'scipy', 'sklearn', 'hdbscan', 'onnxruntime'}"
    check = f"import sys, identity.clustering; sys.exit(', '.join({heavy} & set(sys.modules)) or 0)"
    assert subprocess.run([sys.executable, "-c", check], capture_output=True, text=True).returncode == 0
