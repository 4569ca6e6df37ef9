"""Strangers: the same Generator draws the same ones, all of them images like MNIST's."""

import numpy as np
import pytest

from identity.training import synthetic
from identity.training.batches import Batches, Mixture
from identity.training.glyphs import bezier, glyph_families

LABELS = np.repeat(np.arange(10), 6)
DIGITS = np.random.default_rng(0).integers(0, 256, (60, 28, 28)).astype(np.uint8)
SMALL = Mixture(per_class=2, turned=3, glyphs=4, examples=2, loners=9, families=6, hands=3)
MAKERS = {
    "glyphs": lambda rng: glyph_families(5, hands=2, rng=rng).reshape(-1, 28, 28),
    "halves": lambda rng: synthetic.half_swaps(DIGITS, LABELS, count=10, rng=rng),
    "overlays": lambda rng: synthetic.overlays(DIGITS, count=10, rng=rng),
    "crossed": lambda rng: synthetic.crossed_digits(DIGITS, DIGITS, count=10, rng=rng),
    "textures": lambda rng: synthetic.textures(12, rng=rng),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_strangers_are_28_by_28_bytes_and_repeatable(kind):
    once, again = (MAKERS[kind](np.random.default_rng(5)) for _ in range(2))
    assert once.shape[1:] == (28, 28)
    assert once.dtype == np.uint8
    assert np.array_equal(once, again)


def test_a_glyph_is_centred_by_mass_as_mnist_is():
    glyphs = glyph_families(40, hands=1, rng=np.random.default_rng(2))[:, 0].astype(float)
    weight = glyphs / glyphs.sum(axis=(1, 2), keepdims=True)
    middle = np.stack([(weight.sum(axis=axis) * np.arange(28)).sum(axis=1) for axis in (1, 2)])
    assert np.abs(middle - 13.5).mean() < 1.5
    assert (glyphs[:, [0, -1]].sum(), glyphs[:, :, [0, -1]].sum()) < (glyphs.sum() / 50,) * 2


def test_hands_of_one_glyph_resemble_each_other_more_than_other_glyphs():
    families = glyph_families(30, hands=2, rng=np.random.default_rng(4)).astype(float)
    own = np.abs(families[:, 0] - families[:, 1]).mean()
    other = np.abs(families[:, 0] - np.roll(families[:, 1], 1, axis=0)).mean()
    assert own < 0.7 * other


def test_a_curve_runs_from_its_first_control_point_to_its_last():
    points = np.array([[0.1, 0.2], [0.9, 0.1], [0.5, 0.8]])
    curve = bezier(points)
    assert curve[0] == pytest.approx(points[0])
    assert curve[-1] == pytest.approx(points[-1])
    assert curve[:, 0].max() < 0.9  # a control point attracts, it is not visited


def test_half_swaps_never_put_a_digit_together_with_its_own_class():
    flat = np.broadcast_to(LABELS[:, None, None], (60, 28, 28)).astype(np.uint8)
    made = synthetic.half_swaps(flat, LABELS, count=300, rng=np.random.default_rng(1))
    assert all(len(np.unique(one)) == 2 for one in made)


def test_a_batch_holds_digits_first_and_loners_last():
    images, labels = Batches(DIGITS, LABELS, mixture=SMALL, rng=np.random.default_rng(0)).draw()
    assert labels[:20].tolist() == np.repeat(np.arange(10), 2).tolist()
    assert sorted(labels[-9:].tolist()) == list(range(-9, 0))
    assert np.bincount(labels[20:-9] - 10).tolist() == [2] * 7
    assert (images.shape, images.dtype) == ((len(labels), 28, 28), np.uint8)


def test_the_same_seed_draws_the_same_batches():
    once, again = (Batches(DIGITS, LABELS, mixture=SMALL, rng=np.random.default_rng(8)) for _ in range(2))
    for _ in range(3):
        assert all(np.array_equal(a, b) for a, b in zip(once.draw(), again.draw(), strict=True))
