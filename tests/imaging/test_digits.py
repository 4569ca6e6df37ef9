"""Digits look to the network as MNIST's do, wherever they come from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import center_of_mass
from sklearn.datasets import load_digits

from identity.core.types import Box, Region
from identity.imaging.digits import DigitAligner
from identity.imaging.sources import read_sources


def aligned(image: np.ndarray) -> np.ndarray | None:
    return DigitAligner().align(image, Region(Box(0, 0, image.shape[1], image.shape[0])))


def drawn_seven(width: int, height: int, *, at: tuple[int, int], size: int) -> np.ndarray:
    """A 7 in full ink (255) on nothing (0)."""
    ink = np.zeros((height, width))
    top, left = at
    ink[top : top + size // 6, left : left + size // 2] = 255
    for row in range(size):
        column = left + size // 2 - row // 3
        ink[top + row, column - size // 8 : column] = 255
    return ink


def test_mnist_passes_byte_for_byte(dataset: Callable[[str], Path]) -> None:
    count = 0
    for image in read_sources([dataset("digits/mnist")]):
        assert image.pixels is not None
        through = aligned(image.pixels)
        assert through is not None
        assert through.tobytes() == image.pixels.tobytes()
        count += 1
    assert count == 70_000


def test_a_digit_already_framed_passes_unchanged_from_a_file(tmp_path: Path) -> None:
    framed = aligned(drawn_seven(200, 200, at=(30, 40), size=120))
    assert framed is not None
    Image.fromarray(framed).save(tmp_path / "seven.png")
    (image,) = read_sources([tmp_path / "seven.png"])
    assert image.pixels is not None
    np.testing.assert_array_equal(aligned(image.pixels), framed)


@pytest.mark.parametrize("seed", range(8))
def test_a_photograph_of_ink_on_unevenly_lit_paper_is_framed_like_a_clean_drawing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ink = drawn_seven(320, 400, at=tuple(rng.integers(20, 100, 2)), size=180)
    rows, columns = np.mgrid[:400, :320]
    light = 180 - rng.uniform(0, 70) * columns / 320 + rng.uniform(0, 40) * rows / 400
    photo = np.clip(light * (1 - 0.7 * ink / 255) + rng.normal(0, 5, ink.shape), 0, 255).astype(np.uint8)
    seen, clean = aligned(photo), aligned(ink.astype(np.uint8))
    assert seen is not None
    assert clean is not None
    assert np.corrcoef(seen.ravel(), clean.ravel())[0, 1] > 0.9


def test_dark_on_light_equals_light_on_dark_and_colour_equals_grey() -> None:
    ink = drawn_seven(90, 90, at=(10, 20), size=60).astype(np.uint8)
    clean = aligned(ink)
    np.testing.assert_array_equal(aligned(255 - ink), clean)
    np.testing.assert_array_equal(aligned(np.repeat(ink[:, :, None], 3, axis=2)), clean)


def test_light_that_fills_an_image_of_mnists_size_is_no_paper() -> None:
    slab = np.full((28, 28), 255, np.uint8)
    slab[:, 20:23] = 0  # a slab of ink with a slit: turned round, the slit would be a 1
    np.testing.assert_array_equal(aligned(slab), slab)


def test_a_framed_digit_in_dark_ink_is_turned_round() -> None:
    framed = aligned(drawn_seven(90, 90, at=(10, 20), size=60).astype(np.uint8))
    assert framed is not None
    np.testing.assert_array_equal(aligned(255 - framed), framed)


def test_ink_fills_twenty_pixels_and_is_centred_by_mass() -> None:
    for image in load_digits().images[:200]:
        framed = aligned((image * 15.9).astype(np.uint8))
        assert framed is not None
        inked = np.argwhere(framed > 0)
        assert (np.ptp(inked, axis=0) + 1).max() <= 22
        assert np.abs(np.array(center_of_mass(framed)) - 13.5).max() < 1.6


@pytest.mark.parametrize("grey", [0, 1, 128, 255])
@pytest.mark.parametrize("shape", [(28, 28), (8, 8), (300, 200), (1, 1), (1, 500)])
def test_an_image_without_ink_shows_nothing(grey: int, shape: tuple[int, int]) -> None:
    assert aligned(np.full(shape, grey, np.uint8)) is None


def test_paper_with_nothing_but_grain_shows_nothing() -> None:
    rng = np.random.default_rng(0)
    assert aligned(np.clip(rng.normal(170, 4, (300, 300)), 0, 255).astype(np.uint8)) is None


def test_an_empty_region_shows_nothing() -> None:
    assert DigitAligner().align(np.zeros((9, 9), np.uint8), Region(Box(4, 4, 4, 9))) is None
