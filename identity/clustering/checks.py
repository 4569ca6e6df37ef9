"""What can be clustered at all: every way in checks its vectors and parameters here, before any work is done."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from identity.core.errors import ClusteringError
from identity.core.types import Vectors

UNIT_TOLERANCE = 0.01  # of the length: far above float16 storage (5e-4), far below a vector nobody normalised


def check_vectors(vectors: ArrayLike, *, may_be_empty: bool = False) -> Vectors:
    """The vectors as contiguous float32 (n, dim), unit rows.

    Raises `ClusteringError` where they are not 2-D, empty, not finite or not of unit length.
    """
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    if rows.ndim != 2:
        raise ClusteringError(f"vectors have {rows.ndim} axes: give one row per sample, shape (n, dim)")
    if not may_be_empty and rows.size == 0:
        raise ClusteringError("there is nothing to cluster: enroll samples first")
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    if not np.isfinite(lengths).all():
        raise ClusteringError(f"row {int(np.argmin(np.isfinite(lengths)))} holds NaN or infinity: remove that sample")
    if len(lengths) and np.abs(lengths - 1).max() > UNIT_TOLERANCE:
        worst = int(np.abs(lengths - 1).argmax())
        raise ClusteringError(f"row {worst} has length {lengths[worst]:.3g}, not 1: normalise the vectors first")
    return rows


def check_eps(eps: float) -> float:
    """A cosine distance in (0, 2]; raises `ClusteringError` elsewhere, NaN included."""
    if not 0 < eps <= 2:
        raise ClusteringError(f"eps {eps:g} is no neighbourhood: give a cosine distance above 0 and at most 2")
    return float(eps)


def check_min_samples(min_samples: int, n: int) -> int:
    """A count of samples, itself included, that n samples can reach; raises `ClusteringError` elsewhere."""
    if min_samples < 1:
        raise ClusteringError(f"min_samples {min_samples} is below 1: a sample counts itself, give 1 or more")
    if min_samples > n:
        raise ClusteringError(f"min_samples {min_samples} is above the {n} samples there are: give a smaller one")
    return int(min_samples)
