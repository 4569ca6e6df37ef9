"""Connected ink, against scipy."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import label

from identity.imaging.blobs import blobs, large_blobs

INKED = arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12)))


@given(INKED)
def test_pixels_share_a_blob_exactly_where_scipy_connects_them(inked: np.ndarray) -> None:
    ours, (theirs, count) = blobs(inked), label(inked, structure=np.ones((3, 3)))
    pairs = set(zip(ours.ravel().tolist(), theirs.ravel().tolist(), strict=True)) | {(0, 0)}
    assert len(pairs) == len(set(ours.ravel().tolist()) | {0}) == count + 1


@given(INKED, st.floats(0.01, 1.0))
def test_small_blobs_go_and_the_largest_stays(inked: np.ndarray, least: float) -> None:
    theirs, count = label(inked, structure=np.ones((3, 3)))
    sizes = np.bincount(theirs.ravel(), minlength=count + 1)[1:]
    kept = 1 + np.flatnonzero(sizes >= least * sizes.max(initial=0))
    np.testing.assert_array_equal(large_blobs(inked, least=least), np.isin(theirs, kept))


def test_a_spiral_is_one_blob() -> None:
    inked = np.zeros((41, 41), bool)
    y, x, steps, towards = 0, 0, 40, [(0, 1), (1, 0), (0, -1), (-1, 0)]
    inked[0, 0] = True
    for turn in range(39):
        down, across = towards[turn % 4]
        for _ in range(steps):
            y, x = y + down, x + across
            inked[y, x] = True
        steps -= 2 * (turn % 2)
    assert label(inked, structure=np.ones((3, 3)))[1] == len(np.unique(blobs(inked)[inked])) == 1
