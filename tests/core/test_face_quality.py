"""A face is as good as its worst side, which is said in words; what has no landmarks has no quality."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.core.face_measuring import measures_of
from identity.core.face_quality import FaceMeasures, Flaw, quality_of
from identity.core.types import Box, Region

STRAIGHT = np.array([[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]], np.float32)
CROP = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
GOOD = FaceMeasures(eyes_px=50, sharpness=0.05, frontal=0.9)


def measured(landmarks, crop=CROP):
    return measures_of(Region(Box(0, 0, 100, 100), 0.9, np.asarray(landmarks, np.float32)), crop)


@pytest.mark.parametrize(
    ("measures", "score", "flaw", "words"),
    [
        (FaceMeasures(9, 0.05, 0.9), 0.93, Flaw.SMALL, "small: 9 pixels from eye to eye"),
        (FaceMeasures(50, 0.001, 0.9), 0.93, Flaw.BLURRED, "blurred: sharpness 0.0010"),
        (FaceMeasures(50, 0.05, -0.5), 0.93, Flaw.TURNED, "turned away: -0.50"),
        (FaceMeasures(50, 0.05, 0.9), 0.62, Flaw.UNSURE, "detector unsure: score 0.62"),
    ],
)
def test_a_face_beyond_one_limit_is_poor_for_that_reason(measures, score, flaw, words):
    found = quality_of(measures, score)
    assert (found.is_poor, found.flaw) == (True, flaw)
    assert found.reason.startswith(words)


def test_a_face_that_lacks_nothing_is_best_and_one_at_a_limit_is_not_poor():
    assert quality_of(GOOD, 0.95).value == 1
    at_limit = quality_of(FaceMeasures(12, 0.05, 0.9), 0.95)
    assert (at_limit.value, at_limit.is_poor) == (0.5, False)


@given(
    eyes=st.floats(0, 500), sharpness=st.floats(0, 1), frontal=st.floats(-1e3, 1), score=st.floats(0, 1),
    worse=st.floats(0, 1),
)  # fmt: skip
def test_quality_lies_in_0_to_1_and_a_worse_side_never_raises_it(eyes, sharpness, frontal, score, worse):
    found = quality_of(FaceMeasures(eyes, sharpness, frontal), score).value
    assert 0 <= found <= 1
    assert quality_of(FaceMeasures(eyes * worse, sharpness, frontal), score).value <= found
    assert quality_of(FaceMeasures(eyes, sharpness * worse, frontal - worse), score * worse).value <= found


def test_a_face_is_measured_in_pixels_of_the_photograph_whichever_way_it_is_turned_in_its_plane():
    turn = np.array([[0, -1], [1, 0]])
    for landmarks in (STRAIGHT, STRAIGHT @ turn):
        assert measured(landmarks).eyes_px == pytest.approx(40)
        assert measured(landmarks).frontal == pytest.approx(1)
    assert measured(STRAIGHT / 4).eyes_px == pytest.approx(10)


def test_a_nose_over_an_eye_or_over_the_mouth_line_is_at_the_limit_and_beyond_it_turned_away():
    beside, beyond, below = STRAIGHT.copy(), STRAIGHT.copy(), STRAIGHT.copy()
    beside[2], beyond[2], below[2] = (30, 60), (20, 60), (50, 90)
    assert measured(beside).frontal == pytest.approx(0)
    assert measured(beyond).frontal < 0
    assert measured(below).frontal < 0


def test_a_profile_keeps_the_size_that_its_height_shows():
    profile = STRAIGHT.copy()
    profile[:, 0] = (profile[:, 0] - 50) / 8 + 50
    assert measured(profile).eyes_px == pytest.approx(40)


def test_points_that_all_lie_in_one_place_are_the_worst_face_and_no_error():
    assert quality_of(measured(np.full((5, 2), 7)), 0.9).value == 0


def test_what_has_no_landmarks_or_shows_nothing_has_no_quality():
    assert measures_of(Region(Box(0, 0, 9, 9)), CROP) is None
    assert measures_of(Region(Box(0, 0, 9, 9), 0.9, STRAIGHT), None) is None
