"""Claims about alignment: the landmarks land on the template, whatever the photograph's scale and turn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pictures

from identity.core.errors import ModelError
from identity.core.types import Box, Region
from identity.imaging.five_point import FivePointAligner, LooseAligner, WholeAligner, similarity, warp

TEMPLATE = ((0.32, 0.46), (0.68, 0.46), (0.5, 0.64), (0.35, 0.82), (0.65, 0.82))
POINTS = np.array(TEMPLATE) * 128


def _turned(angle: float, scale: float, shift: tuple[float, float]) -> np.ndarray:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return POINTS @ (scale * turn).T + shift


@given(st.floats(-3.1, 3.1), st.floats(0.05, 20), st.tuples(st.floats(-500, 500), st.floats(-500, 500)))
def test_any_similarity_is_undone_exactly(angle: float, scale: float, shift: tuple[float, float]) -> None:
    points = _turned(angle, scale, shift)

    transform = similarity(points, POINTS)

    assert transform is not None
    np.testing.assert_allclose(points @ transform[:, :2].T + transform[:, 2], POINTS, atol=1e-6)


@given(st.integers(0, 2**32 - 1))
def test_no_other_similarity_is_nearer_to_the_template(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = _turned(0.3, 1.7, (5, -9)) + rng.normal(0, 6, (5, 2))
    best = similarity(points, POINTS)
    assert best is not None

    # least squares over (a, b, x, y): x' = a x - b y + tx, y' = b x + a y + ty
    rows = np.zeros((10, 4))
    rows[0::2] = np.column_stack([points[:, 0], -points[:, 1], np.ones(5), np.zeros(5)])
    rows[1::2] = np.column_stack([points[:, 1], points[:, 0], np.zeros(5), np.ones(5)])
    a, b, x, y = np.linalg.lstsq(rows, POINTS.ravel(), rcond=None)[0]

    np.testing.assert_allclose(best, [[a, -b, x], [b, a, y]], atol=1e-6)


@pytest.mark.parametrize("points", [np.ones((5, 2)), np.full((5, 2), np.nan), np.full((5, 2), np.inf)])
def test_points_without_extent_have_no_similarity(points: np.ndarray) -> None:
    assert similarity(points, POINTS) is None


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.7, 20.0])
def test_marks_in_the_photograph_land_on_the_template(scale: float) -> None:
    landmarks = _turned(0.4, scale, (900 * scale, 40 * scale))
    photograph = np.zeros((int(300 * scale), int(1200 * scale)), np.uint8)
    radius = max(1, round(4 * scale))
    for x, y in np.rint(landmarks).astype(int):
        photograph[max(y - radius, 0) : y + radius, max(x - radius, 0) : x + radius] = 255
    region = Region(Box(0, 0, 10, 10), landmarks=landmarks.astype(np.float32))

    face = FivePointAligner(TEMPLATE, 128).align(photograph, region)

    assert face is not None
    assert face.shape == (128, 128)
    for x, y in POINTS:
        window = face[round(y) - 8 : round(y) + 8, round(x) - 8 : round(x) + 8].astype(float)
        rows, columns = np.mgrid[-8:8, -8:8] + 0.5
        centre = [(window * columns).sum() / window.sum(), (window * rows).sum() / window.sum()]
        np.testing.assert_allclose(centre, [x - round(x), y - round(y)], atol=1.5)


def test_shrinking_averages_instead_of_skipping_pixels() -> None:
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 256, (1280, 1280), dtype=np.uint8)

    face = warp(noise, np.array([[0.1, 0, 0], [0, 0.1, 0]]), 128)

    assert abs(face.mean() - 127.5) < 2
    assert face.std() < 12  # 74 / 10 where 100 pixels are averaged, 74 where one is picked


def test_identity_transform_changes_nothing() -> None:
    image = np.random.default_rng(2).integers(0, 256, (64, 64, 3), dtype=np.uint8)

    np.testing.assert_array_equal(warp(image, np.array([[1.0, 0, 0], [0, 1, 0]]), 64), image)


def test_face_at_the_border_is_black_where_the_image_ends() -> None:
    landmarks = (POINTS - (64, 0)).astype(np.float32)

    photograph = np.full((128, 64, 3), 200, np.uint8)

    face = FivePointAligner(TEMPLATE, 128).align(photograph, Region(Box(0, 0, 1, 1), 1, landmarks))

    assert face is not None
    assert (face[:, :63] == 0).all()
    assert (face[:, 66:126] == 200).all()


@pytest.mark.parametrize("landmarks", [None, np.ones((5, 2), np.float32)])
def test_region_without_usable_landmarks_is_its_box_resized(landmarks: np.ndarray | None) -> None:
    image = np.zeros((100, 100), np.uint8)
    image[20:60, 30:70] = 77

    face = FivePointAligner(TEMPLATE, 128).align(image, Region(Box(30, 20, 70, 60), 1, landmarks))

    np.testing.assert_array_equal(face, np.full((128, 128), 77))


def test_crop_of_the_right_size_passes_unchanged() -> None:
    image = np.random.default_rng(3).integers(0, 256, (28, 28), dtype=np.uint8)

    np.testing.assert_array_equal(WholeAligner(28).align(image, Region(Box(0, 0, 28, 28))), image)


@pytest.mark.parametrize("box", [Box(-5, -5, 400, 400), Box(99, 99, 99, 99), Box(120, 130, 140, 150)])
def test_box_beyond_the_image_still_gives_a_crop(box: Box) -> None:
    crop = WholeAligner(16).align(np.zeros((100, 100, 3), np.uint8), Region(box))

    assert crop is not None
    assert crop.shape == (16, 16, 3)


def test_fingerprint_tells_template_and_size_apart() -> None:
    shifted = tuple((x + 0.01, y) for x, y in TEMPLATE)
    prints = {
        FivePointAligner(TEMPLATE, 128).fingerprint,
        FivePointAligner(TEMPLATE, 112).fingerprint,
        FivePointAligner(shifted, 128).fingerprint,
    }

    assert len(prints) == 3
    assert all(one.startswith("five-point/1:") for one in prints)


def test_template_of_another_number_of_points_is_refused() -> None:
    with pytest.raises(ModelError, match="five points"):
        FivePointAligner(TEMPLATE[:4], 128)


def test_colour_and_grey_are_kept_as_they_are() -> None:
    region = Region(Box(0, 0, 128, 128), 1, POINTS.astype(np.float32))
    colour = np.asarray(Pictures.new("RGB", (128, 128), (200, 100, 50)))

    face = FivePointAligner(TEMPLATE, 128).align(colour, region)

    assert face is not None
    np.testing.assert_array_equal(face, colour)


def test_loose_crop_shows_the_face_with_room_around_it() -> None:
    image = np.zeros((300, 400, 3), np.uint8)
    image[100:200, 150:230] = 255  # a face of 80 x 100 px: the square about it is 130 px
    region = Region(Box(150, 100, 230, 200), landmarks=np.zeros((5, 2), np.float32))

    crop = LooseAligner(130).align(image, region)

    assert crop is not None
    rows, columns = np.flatnonzero(crop[:, 65, 0] > 127), np.flatnonzero(crop[65, :, 0] > 127)
    assert (rows[0], rows[-1]) == (15, 114)
    assert (columns[0], columns[-1]) == (25, 104)


def test_loose_crop_is_black_where_the_image_ends_and_takes_a_crop_whole() -> None:
    image = np.full((60, 80), 200, np.uint8)

    at_the_edge = LooseAligner(65).align(image, Region(Box(0, 0, 50, 50), landmarks=np.zeros((5, 2), np.float32)))
    whole = LooseAligner(64).align(image, Region(Box(0, 0, 80, 60)))

    assert at_the_edge is not None
    assert at_the_edge[2, 2] == 0
    assert at_the_edge[40, 40] == 200
    assert whole is not None
    assert (whole == 200).all()
    assert LooseAligner(64).fingerprint != LooseAligner(65).fingerprint != WholeAligner(65).fingerprint
