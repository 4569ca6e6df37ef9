"""The trend of a loss curve, against the definition spelt out."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from identity.plots.loss import smooth


@given(arrays(float, st.integers(1, 300), elements=st.floats(0, 10)))
def test_each_value_of_the_trend_is_the_mean_of_its_window(losses: np.ndarray) -> None:
    reach = len(losses) // 50
    expected = [losses[at - min(at, reach) : at + min(at, reach) + 1].mean() for at in range(len(losses))]
    np.testing.assert_allclose(smooth(losses), expected, atol=1e-9)


def test_one_loud_step_at_the_end_is_not_where_the_curve_ends() -> None:
    losses = np.r_[np.linspace(1, 0.1, 500), 5.0]
    assert smooth(losses)[-1] < 1
