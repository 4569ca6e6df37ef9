"""No pair outside the band is ever decided wrongly, whatever the rows; and the band is not idly wide."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from clustering_oracles import needs_exact_integers, needs_numkong, unit
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.clustering.dbscan import bfloat16_tiles
from identity.clustering.dbscan.bfloat16_tiles import BFloat16Tiles
from identity.clustering.dbscan.integer_products import SIGNED, UNSIGNED
from identity.clustering.dbscan.integer_tiles import IntegerTiles, round_to_integers
from identity.clustering.dbscan.rounding import (
    BFLOAT16_SUM_ROUNDOFF,
    FLOAT32_ROUNDOFF,
    Spread,
    band,
    gamma,
    round_outward,
    tile_error,
)
from identity.clustering.dbscan.tiles import Float32Tiles, Float64Tiles, spreads_of


def exact_dot(x, y):
    return sum((Fraction(float(a)) * Fraction(float(b)) for a, b in zip(x, y, strict=True)), Fraction(0))


def all_products(tiles, n):
    return tiles.stripe(slice(0, n))(slice(0, n), np.empty(n * n, np.float32))


def scaled_rows(seed, dim, decades):
    rng = np.random.default_rng(seed)
    return unit(rng.normal(size=(4, dim)) * 10 ** rng.uniform(-decades, 0, size=(4, dim)))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), dim=st.integers(1, 200), decades=st.floats(0, 30))
@pytest.mark.parametrize(("kind", "roundoff"), [(Float32Tiles, 2.0**-24), (Float64Tiles, 2.0**-53)])
def test_a_float_tile_is_never_further_from_the_exact_product_than_the_bound(kind, roundoff, seed, dim, decades):
    vectors = scaled_rows(seed, dim, decades)
    spreads = spreads_of(vectors, vectors)
    allowed = Fraction(tile_error(*spreads, dim=dim, roundoff=roundoff))
    tiles = Float64Tiles(vectors, vectors) if kind is Float64Tiles else kind(vectors, vectors, spreads)
    computed = all_products(tiles, 4)
    for i, j in product(range(4), range(4)):
        assert abs(Fraction(float(computed[i, j])) - exact_dot(vectors[i], vectors[j])) <= allowed


@needs_exact_integers
@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), dim=st.integers(1, 300), decades=st.floats(0, 5))
def test_an_integer_tile_is_never_further_from_the_exact_product_than_the_bound(seed, dim, decades):
    vectors = scaled_rows(seed, dim, decades)
    tiles = IntegerTiles.over(vectors, vectors, spreads_of(vectors, vectors))
    allowed = Fraction(tile_error(*tiles.spreads, dim=dim, roundoff=0.0))
    computed = all_products(tiles, 4)
    for i, j in product(range(4), range(4)):
        approximate = int(computed[i, j]) * Fraction(tiles.scale) ** 2
        assert abs(approximate - exact_dot(vectors[i], vectors[j])) <= allowed


@needs_numkong
@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), dim=st.integers(1, 300), decades=st.floats(0, 40))
def test_a_bfloat16_tile_is_never_further_from_the_exact_product_than_the_bound(seed, dim, decades):
    vectors = scaled_rows(seed, dim, decades)
    tiles = BFloat16Tiles.over(vectors, vectors, spreads_of(vectors, vectors))
    allowed = Fraction(tile_error(*tiles.spreads, dim=dim, roundoff=BFLOAT16_SUM_ROUNDOFF))
    computed = all_products(tiles, 4)
    for i, j in product(range(4), range(4)):
        assert abs(Fraction(float(computed[i, j])) - exact_dot(vectors[i], vectors[j])) <= allowed


@needs_numkong
@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shape=st.tuples(*[st.integers(1, 140)] * 3), decades=st.floats(0, 3))
def test_bfloat16_sums_err_by_no_more_than_float32_sums_may(seed, shape, decades):
    height, dim, width = shape
    rng = np.random.default_rng(seed)
    raw = [unit(rng.normal(size=(n, dim)) * 10 ** rng.uniform(-decades, 0, size=(n, dim))) for n in (height, width)]
    (x, _), (y, _) = (bfloat16_tiles.round_to_bfloat16(rows) for rows in raw)
    tiles = BFloat16Tiles(x, y, spreads_of(*raw))
    found = tiles.stripe(slice(0, width))(slice(0, height), np.empty(height * width, np.float32))
    wide_x, wide_y = (bfloat16_tiles.widen(rows).astype(np.float64) for rows in (x, y))
    sizes = np.abs(wide_x) @ np.abs(wide_y).T
    assert (np.abs(found - wide_x @ wide_y.T) <= (gamma(dim, 2.0**-23) + 2.0**-45) * sizes + dim * 2.0**-125).all()


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), dim=st.integers(1, 100), decades=st.floats(0, 45))
def test_rows_become_the_nearest_bfloat16_and_their_error_is_bounded_from_outside(seed, dim, decades):
    vectors = scaled_rows(seed, dim, decades)
    narrow, residual = bfloat16_tiles.round_to_bfloat16(vectors)
    wide = bfloat16_tiles.widen(narrow)
    away, toward = narrow + np.uint16(1), narrow - (narrow & 0x7FFF > 0).astype(np.uint16)
    for other in (away, toward):
        error = np.abs(bfloat16_tiles.widen(other).astype(np.float64) - vectors)
        assert (np.abs(wide.astype(np.float64) - vectors) <= error).all()
    for row, kept in zip(vectors, wide, strict=True):
        error = [Fraction(float(a)) - Fraction(float(b)) for a, b in zip(row, kept, strict=True)]
        assert sum(e * e for e in error) <= Fraction(residual) ** 2


EXACT_HERE = [product for product in (SIGNED, UNSIGNED) if product.exact]


@pytest.mark.parametrize("product", EXACT_HERE, ids=lambda one: "signed" if one.signed_columns else "unsigned")
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shape=st.tuples(*[st.integers(1, 70)] * 3))
def test_integer_products_are_exact_at_their_extremes(product, seed, shape):
    height, dim, width = shape
    rng = np.random.default_rng(seed)
    rows = rng.choice(np.array([1, 128, 255], np.uint8), size=(height, dim))
    columns = rng.choice(np.array([1, 255], np.uint8), size=(width, dim))
    found = product.into(rows, product.laid_out(columns), np.empty((height, width), np.int32))
    np.testing.assert_array_equal(found, (rows.astype(np.int64) - 128) @ (columns.astype(np.int64) - 128).T)


@pytest.mark.parametrize("product", [SIGNED, UNSIGNED], ids=["signed", "unsigned"])
def test_the_stored_graph_is_one_integer_product(product):
    onnx = pytest.importorskip("onnx")
    model = onnx.load_from_string(product.graph)
    onnx.checker.check_model(model)
    assert [node.op_type for node in model.graph.node] == ["MatMulInteger"]


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), dim=st.integers(1, 64), ulps=st.integers(-40, 40))
def test_the_band_holds_every_pair_that_float64_and_the_exact_product_could_see_differently(seed, dim, ulps):
    rng = np.random.default_rng(seed)
    x, y = unit(rng.normal(size=(2, dim)) + 1)
    squared = float(((x.astype(np.float64) - y) ** 2).sum())
    eps = min(max(squared / 2 * (1 + ulps * 2.0**-53), 1e-12), 2.0)
    neighbour = squared <= 2 * eps
    pair = np.stack([x, y]).astype(np.float64)
    spread = Spread.of(pair)
    undecided = band(spread, spread, eps=eps, dim=dim, roundoff=2.0**-53)
    exact = exact_dot(x, y)
    if exact >= Fraction(undecided.high):
        assert neighbour
    if exact < Fraction(undecided.low):
        assert not neighbour


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), dim=st.integers(1, 300), decades=st.floats(0, 30))
def test_lengths_and_rounding_errors_are_bounded_from_outside(seed, dim, decades):
    vectors = scaled_rows(seed, dim, decades)
    spread = Spread.of(vectors)
    for row in vectors:
        assert Fraction(spread.least) <= exact_dot(row, row) <= Fraction(spread.most)
    scale = float(np.float32(np.abs(vectors).max() / 127))
    narrow, residual = round_to_integers(vectors, scale)
    for row, k in zip(vectors, narrow.astype(int) - 128, strict=True):
        error = [Fraction(float(x)) - Fraction(scale) * int(n) for x, n in zip(row, k, strict=True)]
        assert sum(e * e for e in error) <= Fraction(residual) ** 2


def test_the_band_is_as_narrow_as_gamma_says():
    spread = Spread(1.0, 1.0)
    undecided = band(spread, spread, eps=0.4, dim=512, roundoff=FLOAT32_ROUNDOFF)
    assert undecided.high - undecided.low == pytest.approx(2 * gamma(512, FLOAT32_ROUNDOFF), rel=1e-6)


def test_moving_onto_float32_only_widens_the_band():
    spread = Spread(1.0 - 1e-7, 1.0 + 1e-7)
    exact = band(spread, spread, eps=0.3, dim=7, roundoff=FLOAT32_ROUNDOFF)
    wider = round_outward(exact)
    assert wider.low < exact.low
    assert wider.high > exact.high
    assert np.float32(wider.low) == wider.low
    assert np.float32(wider.high) == wider.high
