"""Which images train and fill the gallery, and which only calibrate: a fixed, stratified split of the training set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
SPLIT_SEED = 20_240_601  # the split is a fact of the corpus, not of a training run
CALIBRATION_SHARE = 0.1


def split(labels: NDArray[np.integer]) -> tuple[Rows, Rows]:
    """Rows to train on and to enroll, and rows that calibrate and do nothing else: a tenth of every class.

    MNIST's 60,000 give 54,000 and 6,000. Both ascending.
    """
    rng = np.random.default_rng(SPLIT_SEED)
    held_out: list[NDArray[np.integer]] = []
    seen = taken = 0
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        seen += len(rows)
        held_out.append(rows[: round(seen * CALIBRATION_SHARE) - taken])  # so that the shares add up exactly
        taken += len(held_out[-1])
    calibration = np.sort(np.concatenate(held_out)).astype(np.int64)
    return np.setdiff1d(np.arange(len(labels)), calibration), calibration
