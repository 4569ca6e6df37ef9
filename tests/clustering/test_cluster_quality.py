"""The figures of merit are the textbook's, sample by sample and pair by pair."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score, v_measure_score

from identity.clustering.quality import bcubed, pairwise, quality_of
from identity.core.errors import ClusteringError

LABELLED = st.lists(st.tuples(st.integers(-1, 5), st.integers(0, 4)), min_size=1, max_size=40)


def together(labels, i, j, *, singletons):
    return i == j or (labels[i] == labels[j] and not (singletons and labels[i] == -1))


@settings(max_examples=150, deadline=None)
@given(pairs=LABELLED, singletons=st.booleans())
def test_bcubed_is_the_mean_over_samples(pairs, singletons):
    labels, truth = (np.array(side) for side in zip(*pairs, strict=True))
    precision, recall = [], []
    for i in range(len(labels)):
        cluster = {j for j in range(len(labels)) if together(labels, i, j, singletons=singletons)}
        identity = set(np.flatnonzero(truth == truth[i]).tolist())
        precision.append(len(cluster & identity) / len(cluster))
        recall.append(len(cluster & identity) / len(identity))
    found = bcubed(labels, truth, noise_as_singletons=singletons)
    assert found.precision == pytest.approx(np.mean(precision))
    assert found.recall == pytest.approx(np.mean(recall))


@settings(max_examples=150, deadline=None)
@given(pairs=LABELLED, singletons=st.booleans())
def test_pairwise_counts_pairs(pairs, singletons):
    labels, truth = (np.array(side) for side in zip(*pairs, strict=True))
    every = list(combinations(range(len(labels)), 2))
    found = {pair for pair in every if together(labels, *pair, singletons=singletons)}
    known = {(i, j) for i, j in every if truth[i] == truth[j]}
    agreement = pairwise(labels, truth, noise_as_singletons=singletons)
    assert agreement.precision == pytest.approx(len(found & known) / len(found) if found else 1.0)
    assert agreement.recall == pytest.approx(len(found & known) / len(known) if known else 1.0)


def test_all_figures_of_a_small_example():
    labels, truth = [0, 0, 1, 1, -1, -1], ["ada", "ada", "ada", "bob", "bob", "cid"]
    found = quality_of(labels, truth)
    separate = [0, 0, 1, 1, 2, 3]
    assert (found.n_clusters, found.n_identities) == (2, 3)
    assert found.adjusted_rand == pytest.approx(adjusted_rand_score(truth, separate))
    assert found.v_measure == pytest.approx(v_measure_score(truth, separate))
    assert found.bcubed.f1 == pytest.approx(2 * (5 / 6) * (22 / 36) / (5 / 6 + 22 / 36))


def test_a_perfect_clustering_scores_one_everywhere():
    found = quality_of([3, 3, 7, -1], ["a", "a", "b", "c"])
    assert (found.bcubed.f1, found.pairwise.f1, found.adjusted_rand, found.v_measure) == (1, 1, 1, 1)


@pytest.mark.parametrize(("labels", "truth"), [([], []), ([0, 1], [0]), ([[0]], [[0]])])
def test_what_cannot_be_compared_is_refused(labels, truth):
    with pytest.raises(ClusteringError):
        quality_of(labels, truth)
