"""The one metric: cosine distance of unit vectors. Everything stored or compared is in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from identity.core.errors import ModelError
from identity.core.types import Distances, Ids, Vectors

PORTION_NUMBERS = 1 << 16  # of vectors gathered at once


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
    return to_distances(np.array(similarity, np.float32))


def to_distances(similarity: NDArray[np.float32]) -> Distances:
    """The same in place: large tiles are not copied."""
    np.subtract(np.float32(1), similarity, out=similarity)
    return np.maximum(similarity, np.float32(0), out=similarity)


def row_products(left: Vectors, right: Vectors) -> NDArray[np.float32]:
    """x.y of row after row, summed in float64: as good as exact, whatever the order of summation."""
    return np.asarray(np.einsum("nd,nd->n", left, right, dtype=np.float64), np.float32)


def products_at(left: Vectors, of_left: Ids, right: Vectors, of_right: Ids) -> NDArray[np.float32]:
    """x.y of rows picked from both (m,), as `row_products` has it; what is picked at once stays in a core's cache."""
    products, size = np.empty(len(of_left), np.float32), max(1, PORTION_NUMBERS // left.shape[1])
    for low in range(0, len(of_left), size):
        part = slice(low, low + size)
        products[part] = row_products(left[of_left[part]], right[of_right[part]])
    return products


def all_products(left: Vectors, right: Vectors) -> NDArray[np.float32]:
    """x.y of all rows with all rows (n, m), summed in float64."""
    return np.asarray(left.astype(np.float64) @ right.astype(np.float64).T, np.float32)


def to_euclidean(distance: float) -> float:
    """Euclidean distance of unit vectors at this cosine distance: sqrt(2 d)."""
    return float(np.sqrt(2 * max(distance, 0.0)))
