"""Which faces are taken: the largest, one, or all, and why not the others."""

from __future__ import annotations

import numpy as np
import pytest

from identity.core.errors import UsageError
from identity.core.face_count import FaceCount
from identity.core.face_selection import FaceRules, largest
from identity.core.sharpness import sharpness
from identity.core.types import Box, Region

SHAPE = (400, 600, 3)


def face(x: int, y: int, side_px: int, score: float = 0.9) -> Region:
    return Region(Box(x, y, x + side_px, y + side_px), score)


BIG, SMALL, TINY = face(250, 150, 120), face(20, 20, 60, 0.7), face(500, 300, 12)


def test_without_a_rule_a_label_means_the_largest_and_no_label_means_all() -> None:
    named = FaceRules().pick([SMALL, BIG], SHAPE, named=True)
    assert named == ([BIG], ["not the largest face"])
    assert FaceRules().pick([SMALL, BIG], SHAPE, named=False) == ([BIG, SMALL], [])


def test_of_two_faces_about_as_large_the_one_in_the_middle_is_meant() -> None:
    assert largest([face(0, 0, 110), face(250, 150, 100)], SHAPE) == face(250, 150, 100)
    assert largest([face(0, 0, 200), face(250, 150, 100)], SHAPE) == face(0, 0, 200)


def test_one_required_takes_nothing_from_a_photograph_of_two() -> None:
    rules = FaceRules(FaceCount.REQUIRE_ONE)
    assert rules.pick([BIG, SMALL], SHAPE, named=True) == ([], ["more than one face where one is required"])
    assert rules.pick([BIG, TINY], SHAPE, named=True) == ([BIG], ["face smaller than 24 px"])


def test_every_face_left_out_has_its_reason() -> None:
    rules = FaceRules(FaceCount.ALL, min_face_px=24, min_score=0.8)
    chosen, reasons = rules.pick([BIG, SMALL, TINY], SHAPE, named=True)
    assert chosen == [BIG]
    assert sorted(reasons) == ["face smaller than 24 px", "face with a score under 0.8"]
    assert rules.pick([], SHAPE, named=True) == ([], ["no face found"])


def test_a_blurred_face_is_told_from_a_sharp_one_whatever_its_contrast() -> None:
    rng = np.random.default_rng(0)
    sharp = rng.integers(0, 256, (128, 128, 3), np.uint8)
    smooth = np.linspace(0, 255, 128 * 128).reshape(128, 128).astype(np.uint8)
    assert sharpness(sharp // 4) == pytest.approx(sharpness(sharp), rel=0.05)
    assert FaceRules().reason_against_crop(sharp) is None
    assert FaceRules().reason_against_crop(smooth) == "blurred face, sharpness under 0.001"
    assert FaceRules(min_sharpness=0).reason_against_crop(smooth) is None
    assert sharpness(np.zeros((128, 128), np.uint8)) == 0


@pytest.mark.parametrize("wrong", [{"min_face_px": -1}, {"min_score": 1.5}, {"min_sharpness": -0.1}])
def test_limits_that_are_none_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="--min"):
        FaceRules(**wrong)
