"""Attaching new samples gives what a full run gives, except that stored clusters are never merged silently."""

import numpy as np
import pytest
from clustering_oracles import people, unit
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.clustering.dbscan import neighbours
from identity.clustering.dbscan.density import density_clusters
from identity.clustering.incremental import attach
from identity.core.errors import ClusteringError


def attached_to(stored, new, *, eps, min_samples):
    before = density_clusters(stored, eps=eps, min_samples=min_samples)
    found = attach(
        stored[before.core],
        before.labels[before.core],
        new,
        eps=eps,
        min_samples=min_samples,
        loose_vectors=stored[~before.core],
    )
    labels, core = before.labels.copy(), before.core.copy()
    loose = np.flatnonzero(~before.core)
    core[loose] = found.loose_core
    taken = found.loose_labels != -1
    free = taken & (found.loose_core | (labels[loose] == -1))
    labels[loose[free]] = found.loose_labels[free]
    return np.concatenate([labels, found.labels]), np.concatenate([core, found.core]), found.bridges


def bridged(labels, bridges):
    """The labels with every bridge walked: what a full run would have merged."""
    named = labels.copy()
    for _ in bridges:
        for bridge in bridges:
            present = [int(named[labels == cluster][0]) for cluster in bridge]
            named[np.isin(named, present)] = min(present)
    return named


def partition(labels, of):
    return {frozenset(np.flatnonzero((labels == label) & of).tolist()) for label in np.unique(labels[of])}


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(2, 80),
    m=st.integers(1, 20),
    min_samples=st.integers(1, 5),
    eps=st.floats(0.005, 0.4),
)
def test_attaching_equals_a_full_run_with_the_bridges_walked(seed, n, m, min_samples, eps):
    rng = np.random.default_rng(seed)
    vectors = unit(rng.normal(size=(n + m, 3)))
    min_samples = min(min_samples, n)
    labels, core, bridges = attached_to(vectors[:n], vectors[n:], eps=eps, min_samples=min_samples)
    full = density_clusters(vectors, eps=eps, min_samples=min_samples)
    np.testing.assert_array_equal(core, full.core)
    np.testing.assert_array_equal(labels == -1, full.labels == -1)
    assert partition(bridged(labels, bridges), core) == partition(full.labels, full.core)


def test_attaching_over_many_tiles_equals_a_full_run(monkeypatch):
    monkeypatch.setattr(neighbours, "TILE_ROWS", 32)
    monkeypatch.setattr(neighbours, "TILE_COLUMNS", 32)
    vectors, _ = people(np.random.default_rng(8), n=600, dim=16)
    labels, core, bridges = attached_to(vectors[:550], vectors[550:], eps=0.3, min_samples=3)
    full = density_clusters(vectors, eps=0.3, min_samples=3)
    np.testing.assert_array_equal(core, full.core)
    assert partition(bridged(labels, bridges), core) == partition(full.labels, full.core)


def on_circle(*degrees):
    angles = np.radians(degrees)
    return unit(np.stack([np.cos(angles), np.sin(angles)], axis=1))


def test_a_new_core_between_two_clusters_is_reported_and_merges_nothing():
    cores = on_circle(0, 1, 20, 21)
    found = attach(cores, [4, 4, 9, 9], on_circle(10.5, 60), eps=1 - np.cos(np.radians(10)), min_samples=2)
    assert found.labels.tolist() == [4, -1]
    assert found.bridges == ((4, 9),)
    assert found.core.tolist() == [True, False]


def test_new_samples_far_from_everything_found_a_cluster_of_their_own():
    found = attach(on_circle(0, 1), [7, 7], on_circle(90, 91, 180), eps=0.01, min_samples=2)
    assert found.labels.tolist() == [8, 8, -1]


def test_a_new_sample_turns_two_noise_samples_into_a_cluster_with_it():
    found = attach(
        on_circle(0, 1), [0, 0], on_circle(60), eps=1 - np.cos(np.radians(6)), min_samples=3,
        loose_vectors=on_circle(55, 65, 120),
    )
    assert found.labels.tolist() == [1]
    assert found.loose_labels.tolist() == [1, 1, -1]


def test_the_first_samples_attach_to_nothing():
    found = attach(np.empty((0, 2)), [], on_circle(0, 1, 90), eps=0.01, min_samples=2)
    assert found.labels.tolist() == [0, 0, -1]


@pytest.mark.parametrize(
    ("cores", "labels", "new"),
    [
        (np.eye(3), [0, 1], np.eye(3)),
        (np.eye(3), [0, 1, -1], np.eye(3)),
        (np.eye(3), [0, 1, 2], np.eye(4)),
        (np.eye(3), [0, 1, 2], np.empty((0, 3))),
    ],
)
def test_what_does_not_go_together_is_refused(cores, labels, new):
    with pytest.raises(ClusteringError):
        attach(cores, labels, new, eps=0.1, min_samples=1)
