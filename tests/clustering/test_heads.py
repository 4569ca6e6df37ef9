"""Heads rule out pairs and never a neighbour, labels stay scikit-learn's, and vectors without structure get none."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from clustering_oracles import PRECISIONS, dbscan_oracle, squared_distance_matrix, unit
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.clustering.dbscan import head_tiles, neighbours
from identity.clustering.dbscan.density import density_clusters
from identity.clustering.dbscan.head_tiles import HeadTiles, best_length, left_share
from identity.clustering.dbscan.pair_products import pair_products
from identity.clustering.dbscan.rotation import Rotation
from identity.clustering.dbscan.rounding import gamma, skew_bound
from identity.clustering.dbscan.tiles import spreads_of


@pytest.fixture
def heads_wherever_they_fit(monkeypatch):
    costs = {"START": 0.0, "SINGLE": (0.0, 0.0), "SCAN": 0.0, "TRIED": 0.0, "GAIN": 2.0, "LENGTHS": (2, 5, 11)}
    for name, value in costs.items():
        monkeypatch.setattr(head_tiles, name, value)
    for name, value in {"TILE_ROWS": 16, "TILE_COLUMNS": 16, "FEW": 1, "MANY_COARSE": 1 / 4}.items():
        monkeypatch.setattr(neighbours, name, value)


def exact_dot(x, y):
    return sum((Fraction(float(a)) * Fraction(float(b)) for a, b in zip(x, y, strict=True)), Fraction(0))


def uneven_rows(seed, n, dim, decades):
    """Unit rows, not quite, whose numbers differ by powers of ten: by axis, and some of them by row."""
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(n, dim)) * 10 ** rng.uniform(-decades, 0, size=(1, dim))
    raw[::2] *= 10 ** rng.uniform(-decades, 0, size=(len(raw[::2]), dim))
    return unit(raw) * rng.uniform(0.992, 1.008, size=(n, 1)).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), dim=st.integers(2, 60), decades=st.floats(0, 30), data=st.data())
def test_the_product_of_heads_is_that_of_their_rows_or_more(seed, dim, decades, data):
    vectors = uneven_rows(seed, 5, dim, decades)
    length = data.draw(st.integers(1, dim))
    rotation = Rotation.of(vectors)
    heads, lost = rotation.heads(vectors, length), Fraction(rotation.error(length))
    for i, j in product(range(5), range(5)):
        assert exact_dot(heads[i], heads[j]) >= exact_dot(vectors[i], vectors[j]) - lost
        assert exact_dot(heads[i], heads[i]) <= exact_dot(vectors[i], vectors[i]) + 3 * lost + Fraction(1, 10**6)


@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("precision", PRECISIONS)
@given(seed=st.integers(0, 2**32 - 1), dim=st.integers(2, 80), ulps=st.integers(0, 3), data=st.data())
def test_no_neighbour_is_ruled_out_even_exactly_at_the_threshold(precision, seed, dim, ulps, data):
    vectors = uneven_rows(seed, 12, dim, data.draw(st.floats(0, 6)))
    length = data.draw(st.integers(1, dim))
    tiles = HeadTiles.over(
        vectors, Rotation.of(vectors), length, spreads_of(vectors, vectors), precision=precision
    )
    every = slice(0, 12)
    products = tiles.stripe(every)(every, np.empty(144, np.float32))
    squared = squared_distance_matrix(vectors)
    for i, j in product(range(12), range(12)):
        eps = min(2.0, max(1e-12, float(squared[i, j]) / 2 * (1 + ulps * 2.0**-52)))
        if squared[i, j] <= 2 * eps:
            assert products[i, j] >= tiles.band(eps, every, every).low


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), dim=st.integers(1, 20))
def test_axes_that_are_not_quite_orthonormal_are_bounded_from_outside(seed, dim):
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.normal(size=(dim, dim)))[0] + rng.normal(size=(dim, dim)) * 10.0 ** rng.integers(-15, -4)
    exact = [[exact_dot(axes[:, i], axes[:, j]) - (i == j) for j in range(dim)] for i in range(dim)]
    frobenius = sum(float(value) ** 2 for row in exact for value in row) ** 0.5
    assert frobenius <= skew_bound(axes) * (1 + 1e-9)


@pytest.mark.usefixtures("heads_wherever_they_fit")
@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("precision", PRECISIONS)
@given(
    seed=st.integers(0, 2**32 - 1), n=st.integers(20, 120), dim=st.integers(13, 40), min_samples=st.integers(1, 6),
    eps=st.floats(1e-3, 1.2), decades=st.floats(0, 2), copies=st.integers(1, 4),
)  # fmt: skip
def test_labels_from_heads_are_scikit_learns(precision, seed, n, dim, min_samples, eps, decades, copies):
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(6, dim)) * 10 ** rng.uniform(-decades, 0, size=(1, dim))
    vectors = unit(centres[rng.integers(0, 6, size=n)] + 0.2 * rng.normal(size=(n, dim)))
    vectors = vectors[rng.integers(0, max(1, n // copies), size=n)]
    found = density_clusters(vectors, eps=eps, min_samples=min_samples, precision=precision)
    oracle = dbscan_oracle(vectors, eps=eps, min_samples=min_samples)
    np.testing.assert_array_equal(found.labels, oracle.labels_)
    np.testing.assert_array_equal(np.flatnonzero(found.core), oracle.core_sample_indices_)


@pytest.mark.usefixtures("heads_wherever_they_fit")
def test_a_relation_asks_its_heads_first():
    vectors = unit(np.random.default_rng(0).normal(size=(50, 14)))
    coarsest = neighbours.relation_between(vectors, vectors, eps=0.3, precision="float32").tiles[0]
    assert isinstance(coarsest, HeadTiles)
    assert coarsest.inner.rows.shape == (50, 3)


@pytest.mark.usefixtures("heads_wherever_they_fit")
@pytest.mark.parametrize("dim", [14, 64])
@pytest.mark.parametrize("eps", [0.5, 1.0, 1.5])
def test_orthogonal_opposite_and_equal_rows_tie_under_heads_as_without(dim, eps):
    axes = np.eye(dim, dtype=np.float32)
    vectors = np.concatenate([axes, -axes[: dim // 2], axes[:1], np.repeat(axes[3:4], 30, axis=0)])
    oracle = dbscan_oracle(vectors, eps=eps, min_samples=2)
    np.testing.assert_array_equal(density_clusters(vectors, eps=eps, min_samples=2).labels, oracle.labels_)


def scattered(n, dim, rank):
    """Rows in all directions of `rank` axes that are hidden among `dim`, and a little beside them."""
    rng = np.random.default_rng(0)
    hidden = np.linalg.qr(rng.normal(size=(dim, rank)))[0]
    return unit(unit(rng.normal(size=(n, rank))) @ hidden.T + 0.01 * rng.normal(size=(n, dim)))


@pytest.mark.parametrize(("rank", "eps", "length"), [(20, 0.3, 23), (40, 0.3, 31), (128, 0.6, 0)])
def test_a_head_is_as_long_as_the_spectrum_says_and_none_without_structure(monkeypatch, rank, eps, length):
    monkeypatch.setattr(head_tiles, "START", 0.0)
    vectors = scattered(3000, 128, rank)
    spreads, rotation = spreads_of(vectors, vectors), Rotation.of(vectors)
    assert best_length(vectors, rotation, spreads, eps=eps, precision="float32") == length
    if length:
        tiles = HeadTiles.over(vectors, rotation, length, spreads, precision="float32")
        assert left_share(tiles, eps, len(vectors)) < 0.01


def test_few_rows_are_not_turned():
    vectors = scattered(2000, 64, 8)
    assert head_tiles.head_tiles(vectors, spreads_of(vectors, vectors), eps=0.3, precision="float32") == ()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), dim=st.integers(1, 300))
def test_products_of_single_pairs_err_as_little_as_any_float32_sum(seed, dim):
    rng = np.random.default_rng(seed)
    rows, columns = uneven_rows(seed, 7, dim, 3), uneven_rows(seed + 1, 9, dim, 3)
    i, j = rng.integers(0, 7, size=20), rng.integers(0, 9, size=20)
    for found, x, y in zip(pair_products(rows, columns, i, j), rows[i], columns[j], strict=True):
        allowed = gamma(dim, 2.0**-24) * float(np.abs(x.astype(np.float64)) @ np.abs(y)) + dim * 2.0**-125
        assert abs(Fraction(float(found)) - exact_dot(x, y)) <= Fraction(allowed * (1 + 1e-9))
