"""What can be clustered at all: every way in checks its vectors and parameters here, before any work is done."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
        row = int(np.argmin(np.isfinite(lengths)))
        if np.isfinite(rows[row]).all():
            raise ClusteringError(f"row {row} is too long: its squared length overflows float32; normalise it first")
        raise ClusteringError(f"row {row} holds NaN or infinity: remove that sample")
    if len(lengths) and np.abs(lengths - 1).max() > UNIT_TOLERANCE:
        worst = int(np.abs(lengths - 1).argmax())
        raise ClusteringError(f"row {worst} has length {lengths[worst]:.3g}, not 1: normalise the vectors first")
    return rows


def check_eps(eps: float) -> float:
    """A cosine distance in (0, 2]; raises `ClusteringError` elsewhere, NaN included."""
    if not 0 < eps <= 2:
        raise ClusteringError(f"--eps must be in (0, 2], got {eps:g}")
    return float(eps)


def check_min_samples(min_samples: int, n: int) -> int:
    """A count of samples, itself included, that n samples can reach; raises `ClusteringError` elsewhere."""
    if min_samples < 1:
        raise ClusteringError(f"--min-samples must be at least 1, got {min_samples}")
    if min_samples > n:
        raise ClusteringError(f"--min-samples must be at most {n}, the number of samples, got {min_samples}")
    return int(min_samples)


def check_barred(barred: ArrayLike | None, n: int) -> NDArray[np.bool_]:
    """Which of n samples may be no cores, none where None; raises `ClusteringError` for a mask of another length."""
    mask = np.zeros(n, np.bool_) if barred is None else np.asarray(barred, np.bool_)
    if mask.shape != (n,):
        raise ClusteringError(f"{mask.shape} samples are barred from being cores, of {n}: give one mark per sample")
    return mask
