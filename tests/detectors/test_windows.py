"""Claims about views: they cover every pixel of any image, and none is larger than the network may see."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.core.types import Box
from identity.detectors.windows import OVERLAP_PX, View, closer_views, overview

sides = st.integers(1, 30_000)


def _covers(views: list[View], width: int, height: int) -> bool:
    xs = sorted({(view.box.x1, view.box.x2) for view in views})
    ys = sorted({(view.box.y1, view.box.y2) for view in views})
    return len(views) == len(xs) * len(ys) and _spans_cover(xs, width) and _spans_cover(ys, height)


def _spans_cover(spans: list[tuple[int, int]], length: int) -> bool:
    meets = all(later[0] < earlier[1] for earlier, later in pairwise(spans))
    return spans[0][0] == 0 and spans[-1][1] == length and meets


@given(sides, sides)
def test_views_cover_the_image_and_stay_within_bounds(width: int, height: int) -> None:
    for views in (
        overview(width, height, side_px=640),
        closer_views(width, height, side_px=640, zoom=2.5, largest=2.0),
    ):
        assert _covers(views, width, height)
        assert all(1 <= view.width_px <= 640 and 1 <= view.height_px <= 640 for view in views)


@given(st.integers(641, 20_000), st.integers(641, 20_000))
def test_neighbouring_views_share_a_face_width(width: int, height: int) -> None:
    views = closer_views(width, height, side_px=640, zoom=2.5, largest=2.0)
    columns = sorted({(view.box.x1, view.box.x2) for view in views})
    scale = views[0].scale[0]

    for left, right in pairwise(columns):
        assert (left[1] - right[0]) * scale >= OVERLAP_PX - 4


def test_small_image_is_one_view_of_its_own_size() -> None:
    assert overview(250, 200, side_px=640) == [View(Box(0, 0, 250, 200), 250, 200)]


def test_panorama_is_looked_at_in_a_row_and_not_as_a_thin_strip() -> None:
    views = overview(20_000, 1_000, side_px=640)

    assert len(views) > 5
    assert all(view.height_px == 320 for view in views)


@pytest.mark.parametrize("shape", [(1_000_000, 40), (40, 1_000_000)])
def test_absurd_panorama_stays_affordable(shape: tuple[int, int]) -> None:
    assert len(overview(*shape, side_px=640)) <= 50


def test_view_renders_grey_and_colour_in_its_own_size() -> None:
    view = View(Box(2, 1, 12, 7), 5, 3)

    for image in (np.full((8, 14), 9, np.uint8), np.full((8, 14, 3), 9, np.uint8)):
        np.testing.assert_array_equal(view.render(image), np.full((3, 5, 3), 9))
