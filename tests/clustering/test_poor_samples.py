"""Samples that are barred from being cores found and bridge nothing: compared with brute force and with libraries."""

import numpy as np
import pytest
from clustering_oracles import PRECISIONS, people, squared_distance_matrix, unit
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from identity.clustering.dbscan import components
from identity.clustering.dbscan.density import dbscan, density_clusters
from identity.clustering.hdbscan import hdbscan
from identity.clustering.incremental import attach
from identity.core.errors import ClusteringError

NOISE = -1


def by_definition(vectors, barred, *, eps, min_samples):
    """Labels and cores from the whole matrix: a core has min_samples neighbours, itself counted, and is not barred."""
    near = squared_distance_matrix(vectors) <= 2 * eps
    core = (near.sum(axis=1) >= min_samples) & ~barred
    labels = np.full(len(vectors), NOISE)
    for first in np.flatnonzero(core):
        if labels[first] == NOISE:
            reached, number = {int(first)}, labels.max() + 1
            while len(reached) < len(reached := reached | set(np.flatnonzero(near[list(reached)].any(0) & core))):
                pass
            labels[list(reached)] = number
    for other in np.flatnonzero(~core):
        touched = labels[near[other] & core]
        labels[other] = touched.min() if len(touched) else NOISE
    return labels, core


DRAWN = given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 90),
    dim=st.integers(2, 8),
    min_samples=st.integers(1, 6),
    eps=st.floats(1e-3, 0.6),
    share=st.floats(0, 1),
)


def drawn(seed, n, dim, share):
    rng = np.random.default_rng(seed)
    return unit(rng.normal(size=(n, dim)))[rng.integers(0, n, size=n)], rng.random(n) < share


@settings(max_examples=80, deadline=None)
@pytest.mark.parametrize("precision", PRECISIONS)
@DRAWN
def test_cores_borders_and_noise_are_those_of_the_definition(precision, seed, n, dim, min_samples, eps, share):
    vectors, barred = drawn(seed, n, dim, share)
    min_samples = min(min_samples, n)
    found = density_clusters(vectors, eps=eps, min_samples=min_samples, barred=barred, precision=precision)
    labels, core = by_definition(vectors, barred, eps=eps, min_samples=min_samples)
    np.testing.assert_array_equal(found.core, core)
    np.testing.assert_array_equal(found.labels, labels)


@settings(max_examples=80, deadline=None)
@DRAWN
def test_scikit_learn_joins_the_same_cores(seed, n, dim, min_samples, eps, share):
    vectors, barred = drawn(seed, n, dim, share)
    squared, min_samples = squared_distance_matrix(vectors), min(min_samples, n)
    plain = DBSCAN(eps=2 * eps, min_samples=min_samples, metric="precomputed").fit(squared)
    core = np.setdiff1d(plain.core_sample_indices_, np.flatnonzero(barred))
    found = dbscan(vectors, eps=eps, min_samples=min_samples, barred=barred)
    if not len(core):
        assert (found == NOISE).all()
        return
    joined = DBSCAN(eps=2 * eps, min_samples=1, metric="precomputed").fit(squared[core][:, core])
    np.testing.assert_array_equal(found[core], joined.labels_)
    np.testing.assert_array_equal(found == NOISE, (squared[:, core] > 2 * eps).all(axis=1))


def test_with_nobody_barred_all_is_as_before():
    vectors, _ = people(np.random.default_rng(3), n=300, dim=16, spread=0.15)
    plain = density_clusters(vectors, eps=0.1, min_samples=3)
    same = density_clusters(vectors, eps=0.1, min_samples=3, barred=np.zeros(300, bool))
    np.testing.assert_array_equal(plain.labels, same.labels)
    np.testing.assert_array_equal(plain.core, same.core)


def test_a_barred_sample_bridges_nothing_joins_one_side_and_counts_as_a_neighbour():
    angles = np.array([0.0, 0.1, 0.2, 0.35, 0.5, 0.6, 0.7])
    vectors = unit(np.stack([np.cos(angles), np.sin(angles)], axis=1))
    eps, middle = 1 - np.cos(0.16), np.arange(7) == 3
    assert dbscan(vectors, eps=eps, min_samples=2).tolist() == [0] * 7
    assert dbscan(vectors, eps=eps, min_samples=2, barred=middle).tolist() == [0, 0, 0, 0, 1, 1, 1]
    pair = vectors[2:4]
    assert dbscan(pair, eps=eps, min_samples=2, barred=[False, True]).tolist() == [0, 0]
    assert dbscan(pair, eps=eps, min_samples=2, barred=[True, True]).tolist() == [NOISE, NOISE]


def test_many_pairs_of_barred_samples_are_not_kept(monkeypatch):
    monkeypatch.setattr(components, "BUFFERED_PAIRS", 1)
    vectors = unit(np.random.default_rng(0).normal(size=(400, 3)) * 0.05 + [1, 0, 0])
    barred = np.arange(400) % 2 == 0
    graph = components.CoreGraph(400, min_samples=3, barred=barred)
    i, j = np.triu_indices(400, k=1)
    for part in np.array_split(np.arange(len(i)), 50):
        graph.add(slice(0, 400), slice(0, 400), i[part], j[part])
    _, _, cores, borders = graph.components()
    assert sorted(borders.tolist()) == np.flatnonzero(barred).tolist()
    assert not barred[cores].any()
    assert (dbscan(vectors, eps=1.0, min_samples=3, barred=barred) == 0).all()


def test_a_mask_of_another_length_is_an_error():
    with pytest.raises(ClusteringError, match="one mark per sample"):
        dbscan(unit(np.eye(3)), eps=0.1, min_samples=1, barred=[True])


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(2, 60),
    m=st.integers(1, 20),
    min_samples=st.integers(1, 4),
    eps=st.floats(0.005, 0.3),
    share=st.floats(0, 1),
)
def test_attaching_finds_the_cores_and_the_noise_of_a_full_run(seed, n, m, min_samples, eps, share):
    vectors, barred = drawn(seed, n + m, 3, share)
    min_samples = min(min_samples, n)
    before = density_clusters(vectors[:n], eps=eps, min_samples=min_samples, barred=barred[:n])
    loose = np.flatnonzero(~before.core)
    found = attach(
        vectors[:n][before.core], before.labels[before.core], vectors[n:], eps=eps, min_samples=min_samples,
        loose_vectors=vectors[loose], barred=barred[np.concatenate([np.arange(n, n + m), loose])],
    )  # fmt: skip
    full = density_clusters(vectors, eps=eps, min_samples=min_samples, barred=barred)
    core = before.core.copy()
    core[loose] = found.loose_core
    np.testing.assert_array_equal(np.concatenate([core, found.core]), full.core)
    np.testing.assert_array_equal(found.labels == NOISE, full.labels[n:] == NOISE)


def by_tree_of_the_others(vectors, barred, *, min_cluster_size):
    """The labels of the good ones alone, and each other one with its nearest clustered sample if that is in reach."""
    labels, good = np.full(len(vectors), NOISE), np.flatnonzero(~barred)
    labels[good] = hdbscan(vectors[good], min_cluster_size=min_cluster_size)
    squared, before = squared_distance_matrix(vectors), labels.copy()
    clustered = np.flatnonzero(before != NOISE)
    for other in np.flatnonzero(barred) if len(clustered) else ():
        nearest = clustered[squared[other, clustered].argmin()]
        members = np.flatnonzero(before == before[nearest])
        among = squared[np.ix_(members, members)] + np.diag(np.full(len(members), np.inf))
        if squared[other, nearest] <= among.min(axis=1).max():
            labels[other] = before[nearest]
    return labels


def partition(labels):
    clustered = {int(label) for label in labels} - {NOISE}
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in clustered}


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(6, 80), size=st.integers(2, 4), share=st.floats(0, 0.6))
def test_hdbscan_is_that_of_the_good_samples_and_the_others_join_within_reach(seed, n, size, share):
    rng = np.random.default_rng(seed)
    vectors, _ = people(rng, n=n, dim=6, spread=0.3)
    barred = rng.random(n) < share
    barred[:5] = False
    found = hdbscan(vectors, min_cluster_size=size, barred=barred)
    assert partition(found) == partition(by_tree_of_the_others(vectors, barred, min_cluster_size=size))
    firsts = [int(np.flatnonzero(found == label)[0]) for label in range(found.max() + 1)]
    assert firsts == sorted(firsts)


def test_hdbscan_of_barred_samples_alone_finds_nothing():
    vectors, _ = people(np.random.default_rng(0), n=20, dim=6)
    assert (hdbscan(vectors, barred=np.ones(20, bool)) == NOISE).all()
