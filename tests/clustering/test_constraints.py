"""People's decisions hold in every run, cost nothing where they are kept anyway, and are reported elsewhere."""

from itertools import permutations

import numpy as np
import pytest
from clustering_oracles import people, squared_distance_matrix, unit
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from identity.clustering.constraints import constrain
from identity.clustering.dbscan.density import DensityClusters, density_clusters
from identity.core.errors import ClusteringError


def on_circle(*degrees):
    angles = np.radians(degrees)
    return unit(np.stack([np.cos(angles), np.sin(angles)], axis=1))


def opposite(*, length):
    """Two rows that point away from each other, and one beside the first; of this length, as rounding may leave it."""
    return (on_circle(0, 180, 1) * length).astype(np.float32)


def within(degrees):
    return 1 - np.cos(np.radians(degrees))


def slow_linkage(vectors, clusters, *, eps, cannot):  # noqa: C901 (an oracle, written out)
    """Constrained single linkage written out over sets, for cannot-links only."""
    n = len(vectors)
    squared = squared_distance_matrix(vectors)
    groups = {i: {i} for i in range(n)}

    def forbidden(a, b):
        return any((i in a and j in b) or (i in b and j in a) for i, j in cannot)

    def join(i, j):
        if groups[i] is not groups[j] and not forbidden(groups[i], groups[j]):
            both = groups[i] | groups[j]
            for member in both:
                groups[member] = both
            return True
        return False

    near = sorted((squared[i, j], i, j) for i, j in permutations(range(n), 2) if squared[i, j] <= 2 * eps)
    for _, i, j in near:
        if i < j and clusters.core[i] and clusters.core[j]:
            join(i, j)
    settled = set(np.flatnonzero(clusters.core).tolist())
    for _, i, j in near:
        if i not in settled and clusters.core[j] and clusters.labels[i] == clusters.labels[j] and join(i, j):
            settled.add(i)
    return {frozenset(group) for group in groups.values() if len(group) > 1 or clusters.core[min(group)]}


def partition(labels):
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels[labels >= 0])}


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(2, 40),
    links=st.integers(1, 8),
    min_samples=st.integers(1, 4),
    eps=st.floats(0.005, 0.3),
)
def test_cannot_links_give_single_linkage_that_skips_what_is_forbidden(seed, n, links, min_samples, eps):
    rng = np.random.default_rng(seed)
    vectors = unit(rng.normal(size=(n, 3)))
    cannot = np.array([sorted(rng.choice(n, 2, replace=False).tolist()) for _ in range(links)])
    clusters = density_clusters(vectors, eps=eps, min_samples=min(min_samples, n))
    found = constrain(vectors, clusters, eps=eps, cannot_link=cannot)
    assert partition(found.labels) == slow_linkage(vectors, clusters, eps=eps, cannot=cannot.tolist())
    together = {tuple(pair) for pair in cannot.tolist() if clusters.labels[pair[0]] == clusters.labels[pair[1]] >= 0}
    assert set(found.parted) == together


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(3, 60), eps=st.floats(0.01, 0.4))
def test_every_decision_is_kept_where_they_do_not_contradict_each_other(seed, n, eps):
    rng = np.random.default_rng(seed)
    vectors = unit(rng.normal(size=(n, 3)))
    must, cannot = (rng.integers(0, n, size=(k, 2)) for k in (4, 4))
    must, cannot = must[must[:, 0] != must[:, 1]], cannot[cannot[:, 0] != cannot[:, 1]]
    confirmed = np.where(rng.random(n) < 0.15, rng.integers(0, 3, size=n), -1)
    clusters = density_clusters(vectors, eps=eps, min_samples=2)
    try:
        found = constrain(
            vectors, clusters, eps=eps, must_link=must, cannot_link=cannot, confirmed=confirmed
        ).labels
    except ClusteringError:
        reject()
    assert all(found[i] == found[j] >= 0 for i, j in must)
    assert not any(found[i] == found[j] >= 0 for i, j in cannot)
    for name in range(3):
        assert len(set(found[confirmed == name].tolist())) <= 1
    for label in range(found.max() + 1):
        assert len(set(confirmed[(found == label) & (confirmed >= 0)].tolist())) <= 1


def test_without_constraints_labels_are_dbscans():
    vectors, _ = people(np.random.default_rng(2), n=300, dim=8)
    clusters = density_clusters(vectors, eps=0.2, min_samples=3)
    found = constrain(vectors, clusters, eps=0.2)
    np.testing.assert_array_equal(found.labels, clusters.labels)
    assert found.joined == found.parted == ()


def test_two_faces_of_one_photograph_part_their_cluster_and_no_other():
    vectors = on_circle(0, 1, 2, 5, 6, 7, 90, 91, 92)
    clusters = density_clusters(vectors, eps=within(4), min_samples=2)
    found = constrain(vectors, clusters, eps=within(4), cannot_link=[(1, 4), (0, 7)])
    assert found.labels.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert found.parted == ((1, 4),)


def test_a_must_link_joins_two_clusters_and_draws_in_noise():
    vectors = on_circle(0, 1, 90, 91, 200)
    clusters = density_clusters(vectors, eps=within(2), min_samples=2)
    found = constrain(vectors, clusters, eps=within(2), must_link=[(0, 2), (3, 4), (0, 1)])
    assert found.labels.tolist() == [0, 0, 0, 0, 0]
    assert found.joined == ((0, 2), (3, 4))


def test_confirmed_people_stay_apart_and_whole():
    vectors = on_circle(0, 1, 2, 3, 4, 90)
    clusters = density_clusters(vectors, eps=within(1.5), min_samples=2)
    confirmed = [7, -1, -1, -1, 8, 8]
    found = constrain(vectors, clusters, eps=within(1.5), confirmed=confirmed)
    assert found.labels[0] != found.labels[4]
    assert found.labels[4] == found.labels[5]
    assert (0, 4) in found.parted or (0, 5) in found.parted


def test_decisions_that_contradict_each_other_are_named():
    vectors = on_circle(0, 1, 2)
    clusters = density_clusters(vectors, eps=0.1, min_samples=2)
    with pytest.raises(ClusteringError, match=r"rows 0 and 2 .* take one of them back"):
        constrain(vectors, clusters, eps=0.1, must_link=[(0, 1), (1, 2)], cannot_link=[(2, 0)])


@pytest.mark.parametrize("links", [[(0, 9)], [(-1, 0)], [(1, 1)]])
def test_a_constraint_on_rows_that_do_not_exist_is_refused(links):
    vectors = on_circle(0, 1, 2)
    clusters = density_clusters(vectors, eps=0.1, min_samples=2)
    with pytest.raises(ClusteringError):
        constrain(vectors, clusters, eps=0.1, must_link=links)


def test_a_large_component_is_parted_within_reason():
    vectors, _ = people(np.random.default_rng(6), n=1500, dim=8, per_person=1500)
    clusters = density_clusters(vectors, eps=0.3, min_samples=2)
    cannot = np.stack([np.arange(0, 200, 2), np.arange(1, 201, 2)], axis=1)
    found = constrain(vectors, clusters, eps=0.3, cannot_link=cannot).labels
    assert not (found[cannot[:, 0]] == found[cannot[:, 1]]).any()


@pytest.mark.parametrize("core", [[True, True, True], [True, False, True]])
@pytest.mark.parametrize("confirmed", [None, [7, -1, 8]])
def test_without_a_limit_even_opposite_vectors_stay_together(core, confirmed):
    vectors = opposite(length=1.002)
    assert squared_distance_matrix(vectors)[0, 1] > 4  # cosine distance "2.004": no eps that may be given holds it
    clusters = DensityClusters(np.zeros(3, np.int64), np.array(core))
    cannot = [(0, 2), (1, 2)]
    found = constrain(vectors, clusters, eps=None, cannot_link=cannot, confirmed=confirmed)
    assert partition(found.labels) == {frozenset({0, 1}), frozenset({2})}
    assert partition(constrain(vectors, clusters, eps=2.0, cannot_link=cannot).labels) != partition(found.labels)
