"""A few samples between large clusters do not make one of them, and one cluster is not taken apart."""

import numpy as np
import pytest
from clustering_oracles import unit

from identity.clustering.chaining import eps_without_chains
from identity.clustering.dbscan.density import dbscan
from identity.clustering.eps import choose_eps


def blobs(rng, *, count, size, spread):
    centres = np.linalg.qr(rng.normal(size=(24, 24)))[0][:count]
    who = np.repeat(np.arange(count), size)
    return centres, unit(centres[who] + spread * rng.normal(size=(len(who), 24))), who


def bridge(rng, a, b, *, count):
    at = np.linspace(0, 1, count)[:, None]
    return unit((1 - at) * a + at * b + 0.02 * rng.normal(size=(count, len(a))))


@pytest.mark.parametrize("seed", range(3))
def test_a_bridge_between_large_clusters_lowers_eps_until_they_are_apart(seed):
    rng = np.random.default_rng(seed)
    centres, vectors, _ = blobs(rng, count=3, size=200, spread=0.08)
    chained = np.concatenate([vectors, bridge(rng, centres[0], centres[1], count=6)])
    eps = 0.3
    assert np.bincount(dbscan(chained, eps=eps, min_samples=2)).max() >= 400
    lowered = eps_without_chains(chained, eps, min_samples=2)
    labels = dbscan(chained, eps=lowered, min_samples=2)[:600]
    assert lowered < eps
    assert sorted(np.bincount(labels[labels >= 0]))[-3:] == pytest.approx([200] * 3, abs=12)


def test_one_large_cluster_alone_keeps_its_eps():
    _, vectors, _ = blobs(np.random.default_rng(1), count=1, size=600, spread=0.1)
    assert eps_without_chains(vectors, 0.3, min_samples=5) == 0.3


def test_small_clusters_are_nobodys_suspects():
    _, vectors, _ = blobs(np.random.default_rng(2), count=24, size=12, spread=0.05)
    assert eps_without_chains(vectors, 0.2, min_samples=2) == 0.2


def test_published_error_rates_are_believed_as_they_are():
    rng = np.random.default_rng(3)
    centres, vectors, _ = blobs(rng, count=2, size=100, spread=0.08)
    chained = np.concatenate([vectors, bridge(rng, centres[0], centres[1], count=6)])
    chosen = choose_eps(chained, min_samples=2, operating_points=[(1e-2, 0.75), (1e-3, 0.65)])
    assert "false match rate" in chosen.reason
