"""The small pictures that the store keeps: what a person sees is what was embedded."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from identity.imaging.crops import LARGEST_SIDE_PX, decode, encode


@given(arrays(np.uint8, st.tuples(st.integers(1, LARGEST_SIDE_PX), st.integers(1, 40))))
def test_a_small_grey_crop_comes_back_byte_for_byte(crop: np.ndarray) -> None:
    assert np.array_equal(decode(encode(crop)), crop)


def test_a_large_crop_is_scaled_down_keeping_its_aspect() -> None:
    grey = np.tile(np.arange(0, 200, dtype=np.uint8), (400, 1))
    assert decode(encode(grey)).shape == (160, 80)
    assert decode(encode(np.stack([grey] * 3, axis=2))).shape == (160, 80, 3)
