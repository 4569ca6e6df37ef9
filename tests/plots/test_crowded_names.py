"""Names in a crowd can all be read."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from identity.core.types import Box
from identity.pictures import labels
from identity.pictures.boxes import Marked, draw
from identity.pictures.labels import places


def test_the_names_of_a_crowd_of_48_do_not_cover_each_other() -> None:
    boxes = [(x * 70 + 5 * (y % 2), 40 + y * 75, x * 70 + 50, y * 75 + 95) for y in range(6) for x in range(8)]
    found = places(boxes, [(118, 15)] * len(boxes), within=(640, 480))
    for a, b in combinations(found, 2):
        assert min(a[2], b[2]) <= max(a[0], b[0]) or min(a[3], b[3]) <= max(a[1], b[1])
    assert all(x1 >= 0 and y1 >= 0 and x2 <= 640 and y2 <= 480 for x1, y1, x2, y2 in found)


def test_a_name_stands_above_its_face_where_there_is_room() -> None:
    assert places([(50, 60, 90, 100)], [(30, 10)], within=(200, 200)) == [(50, 50, 80, 60)]


def test_a_name_that_stands_away_from_its_face_has_a_line_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parts_with_the_name_at(left: int, bottom: int) -> int:
        """How many parts the colour of a face and its name has, that do not touch each other."""
        place = lambda _boxes, sizes, *, within: [(left, bottom - sizes[0][1], left + sizes[0][0], bottom)]  # noqa: E731
        monkeypatch.setattr(labels, "places", place)
        draw(np.full((480, 480), 255, np.uint8), [Marked(FACE, "l", (200, 40, 0))], path=tmp_path / "face.png")
        red = (np.asarray(Image.open(tmp_path / "face.png")) == (200, 40, 0)).all(axis=2)
        return int(ndimage.label(red, np.ones((3, 3)))[1])

    assert parts_with_the_name_at(200, 200) == parts_with_the_name_at(300, 90) == 1


FACE = Box(200, 200, 240, 240)
