"""No pair outside the band is ever decided wrongly, whatever the rows; and the band is not idly wide."""

from fractions import Fraction

import numpy as np
import pytest
from clustering_oracles import unit
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.clustering.rounding import FLOAT32_ROUNDOFF, Spread, band, gamma, outward, tile_error
from identity.clustering.tiles import Float32Tiles, Float64Tiles


def exact_dot(x, y):
    return sum((Fraction(float(a)) * Fraction(float(b)) for a, b in zip(x, y, strict=True)), Fraction(0))


def product_of(tiles, n):
    return tiles.products(slice(0, n), slice(0, n), np.empty(n * n, np.float32))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), dim=st.integers(1, 200), decades=st.floats(0, 30))
@pytest.mark.parametrize("kind", [Float32Tiles, Float64Tiles])
def test_a_tile_is_never_further_from_the_exact_product_than_the_bound(kind, seed, dim, decades):
    rng = np.random.default_rng(seed)
    scales = 10 ** rng.uniform(-decades, 0, size=(4, dim))
    vectors = unit(rng.normal(size=(4, dim)) * scales)
    narrow = Float32Tiles.over(vectors, vectors)
    tiles = narrow if kind is Float32Tiles else Float64Tiles(vectors, vectors, narrow.spreads)
    roundoff = FLOAT32_ROUNDOFF if kind is Float32Tiles else 2.0**-53
    allowed = tile_error(*narrow.spreads, dim=dim, roundoff=roundoff)
    computed = product_of(tiles, 4)
    for i in range(4):
        for j in range(4):
            assert abs(Fraction(float(computed[i, j])) - exact_dot(vectors[i], vectors[j])) <= Fraction(allowed)


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), dim=st.integers(1, 64), ulps=st.integers(-40, 40))
def test_the_band_holds_every_pair_that_float64_and_the_exact_product_could_see_differently(seed, dim, ulps):
    rng = np.random.default_rng(seed)
    x, y = unit(rng.normal(size=(2, dim)) + 1)
    squared = float(((x.astype(np.float64) - y) ** 2).sum())
    eps = min(max(squared / 2 * (1 + ulps * 2.0**-53), 1e-12), 2.0)
    neighbour = squared <= 2 * eps
    pair = np.stack([x, y]).astype(np.float64)
    spread = Spread.of((pair**2).sum(axis=1))
    undecided = band(spread, spread, eps=eps, dim=dim, roundoff=2.0**-53)
    product = exact_dot(x, y)
    if product >= Fraction(undecided.high):
        assert neighbour
    if product < Fraction(undecided.low):
        assert not neighbour


def test_the_band_is_as_narrow_as_gamma_says():
    spread = Spread(1.0, 1.0)
    undecided = band(spread, spread, eps=0.4, dim=512, roundoff=FLOAT32_ROUNDOFF)
    assert undecided.high - undecided.low == pytest.approx(2 * gamma(512, FLOAT32_ROUNDOFF), rel=1e-6)


def test_moving_onto_float32_only_widens_the_band():
    spread = Spread(1.0 - 1e-7, 1.0 + 1e-7)
    exact = band(spread, spread, eps=0.3, dim=7, roundoff=FLOAT32_ROUNDOFF)
    wider = outward(exact)
    assert wider.low < exact.low
    assert wider.high > exact.high
    assert np.float32(wider.low) == wider.low
    assert np.float32(wider.high) == wider.high
