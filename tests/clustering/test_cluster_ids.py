"""Ids survive a new run: whatever is mostly the same cluster keeps its id, and an id is never given to two."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.clustering.cluster_ids import match_clusters
from identity.core.errors import ClusteringError

RUNS = st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 3)), min_size=1, max_size=30)


def total_jaccard(labels, previous, ids):
    total = 0.0
    for new, old in ids.items():
        a, b = set(np.flatnonzero(labels == new)), set(np.flatnonzero(previous == old))
        total += len(a & b) / len(a | b) if old != -1 else 0.0
    return total


@settings(max_examples=200, deadline=None)
@given(pairs=RUNS)
def test_no_other_assignment_overlaps_more(pairs):
    labels, previous = (np.array(side) for side in zip(*pairs, strict=True))
    found = match_clusters(labels, previous)
    new, old = np.unique(labels[labels >= 0]), np.unique(previous[previous >= 0])
    ids = {int(n): int(found[labels == n][0]) for n in new}
    assert len(set(ids.values())) == len(ids)
    reached = total_jaccard(labels, previous, {n: i if i in old else -1 for n, i in ids.items()})
    padded = [*old.tolist(), *[-1] * len(new)]
    best = max(total_jaccard(labels, previous, dict(zip(new, p, strict=True))) for p in permutations(padded, len(new)))
    assert reached == pytest.approx(best)


@settings(max_examples=50, deadline=None)
@given(pairs=RUNS, seed=st.integers(0, 100))
def test_ids_do_not_depend_on_how_a_run_numbers_its_clusters(pairs, seed):
    labels, previous = (np.array(side) for side in zip(*pairs, strict=True))
    ids = match_clusters(labels, previous)
    assert match_clusters(ids, ids).tolist() == ids.tolist()
    renumbered = np.append(np.random.default_rng(seed).permutation(4), -1)[labels]
    assert match_clusters(renumbered, ids).tolist() == ids.tolist()


def test_a_split_keeps_the_id_with_the_larger_part_and_a_merge_with_the_larger_cluster():
    split = match_clusters([0, 0, 0, 1], [5, 5, 5, 5])
    assert split.tolist() == [5, 5, 5, 6]
    joined = match_clusters([0, 0, 0, 0], [5, 2, 2, 2])
    assert joined.tolist() == [2, 2, 2, 2]


def test_an_id_that_was_used_once_is_not_given_again():
    assert match_clusters([0, 1], [-1, 3], next_id=12).tolist() == [12, 3]
    with pytest.raises(ClusteringError, match="taken"):
        match_clusters([0, 1], [-1, 3], next_id=3)


def test_the_first_run_and_a_run_of_noise():
    assert match_clusters([0, 1, -1], [-1, -1, -1]).tolist() == [0, 1, -1]
    assert match_clusters([-1, -1], [4, 4]).tolist() == [-1, -1]
    with pytest.raises(ClusteringError, match="cannot continue"):
        match_clusters([0], [0, 1])


def test_many_clusters_are_matched_without_a_matrix_of_all_by_all():
    n = 60_000
    previous = np.arange(n) // 2
    shuffled = np.random.default_rng(0).permutation(n // 2)[previous]
    np.testing.assert_array_equal(match_clusters(shuffled, previous), previous)
