"""Where samples lie dense, pairs of cores that are one component are left out uncounted, and nothing else is."""

import numpy as np
import pytest
from clustering_oracles import PRECISIONS, dbscan_oracle, unit
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.clustering.dbscan import components, neighbours
from identity.clustering.dbscan.components import CoreGraph
from identity.clustering.dbscan.density import density_clusters
from identity.clustering.dbscan.neighbours import relation_between, stream_pairs


@pytest.fixture(autouse=True)
def small_tiles_and_buffers(monkeypatch):
    monkeypatch.setattr(neighbours, "TILE_ROWS", 16)
    monkeypatch.setattr(neighbours, "TILE_COLUMNS", 16)
    monkeypatch.setattr(components, "BUFFERED_PAIRS", 8)


def crowd(seed, n, dim, spread):
    """A few dense places, bridges and strays between them, and copies."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(3, dim))
    weights = rng.dirichlet([0.3] * 3, size=n)
    return unit(weights @ centres + spread * rng.normal(size=(n, dim)))[rng.integers(0, n, size=n)]


@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("precision", PRECISIONS)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(20, 160),
    dim=st.integers(2, 10),
    min_samples=st.integers(1, 12),
    eps=st.floats(1e-3, 0.6),
    spread=st.floats(0, 0.3),
)
def test_labels_and_cores_are_scikit_learns_in_a_crowd(precision, seed, n, dim, min_samples, eps, spread):
    vectors = crowd(seed, n, dim, spread)
    found = density_clusters(vectors, eps=eps, min_samples=min_samples, precision=precision)
    oracle = dbscan_oracle(vectors, eps=eps, min_samples=min_samples)
    np.testing.assert_array_equal(found.labels, oracle.labels_)
    np.testing.assert_array_equal(np.flatnonzero(found.core), oracle.core_sample_indices_)


@settings(max_examples=30, deadline=None)
@pytest.mark.parametrize("precision", PRECISIONS)
@given(seed=st.integers(0, 2**32 - 1), eps=st.floats(1e-3, 0.6), parts=st.integers(1, 30))
def test_exactly_the_pairs_between_groups_are_found(precision, seed, eps, parts):
    vectors = crowd(seed, 80, 4, 0.1)
    groups = np.random.default_rng(seed).integers(0, parts, size=80).astype(np.int32)
    relation = relation_between(vectors, vectors, eps=eps, precision=precision)
    every, between = (pairs_of(relation, given) for given in (None, lambda: groups))
    assert between == {(i, j) for i, j in every if groups[i] != groups[j]}


def pairs_of(relation, groups):
    found = []

    def keep(rows, columns, i, j):
        found.extend(zip((i + rows.start).tolist(), (j + columns.start).tolist(), strict=True))

    stream_pairs(relation, keep, groups=groups)
    assert len(found) == len(set(found))
    return set(found)


def test_most_pairs_of_one_crowd_are_never_counted():
    vectors = unit(np.ones(8) + 0.01 * np.random.default_rng(0).normal(size=(800, 8)))
    relation = relation_between(vectors, vectors, eps=0.1)
    graph = CoreGraph(800, min_samples=5)
    stream_pairs(relation, graph.add, groups=lambda: graph.component, threads=1)
    assert graph.core.all()
    assert (graph.degree.sum() - 800) / 2 < 0.2 * 800 * 799 / 2
