"""Claims about the detector that does not detect."""

from __future__ import annotations

import numpy as np

from identity.core.types import Box
from identity.detectors.whole import WholeDetector


def test_each_image_is_one_region_of_its_own_size() -> None:
    images = [np.zeros((20, 30), np.uint8), np.zeros((7, 5, 3), np.uint8)]

    found = WholeDetector().detect(images)

    assert [[region.box for region in regions] for regions in found] == [[Box(0, 0, 30, 20)], [Box(0, 0, 5, 7)]]
