"""The one metric: cosine distance of unit vectors. Everything stored or compared is in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from identity.core.errors import ModelError
from identity.core.types import Distances, Vectors


def unit_vectors(raw: NDArray[np.floating]) -> Vectors:
    """Scale rows (n, dim) to unit length as float32.

    Raises `ModelError` where a row has no direction (zero, NaN or infinite): such a vector is near nothing.
    """
    rows = np.ascontiguousarray(raw, dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        raise ModelError("the network returned vectors without a direction (zero or NaN): check its weights")
    return np.asarray(rows / lengths, dtype=np.float32)


def cosine_distance(similarity: NDArray[np.floating]) -> Distances:
    """1 - x.y, clipped at 0: rounding must not make a sample nearer than identical."""
    distance: Distances = np.maximum(np.float32(1) - similarity.astype(np.float32, copy=False), np.float32(0))
    return distance


def to_euclidean(distance: float) -> float:
    """Euclidean distance of unit vectors at this cosine distance: sqrt(2 d)."""
    return float(np.sqrt(2 * max(distance, 0.0)))
