"""What the tests compare with: the relation written out in float64, and scikit-learn's DBSCAN on it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN

from identity.clustering.dbscan import bfloat16_tiles
from identity.clustering.dbscan.integer_products import exact_product

needs_numkong = pytest.mark.skipif(
    not bfloat16_tiles.is_installed(), reason="needs NumKong: pip install 'identity-search[fast]'"
)
needs_exact_integers = pytest.mark.skipif(
    exact_product() is None, reason="8-bit sums are not exact on this machine"
)
INT8 = pytest.param("int8", marks=needs_exact_integers)
PRECISIONS = ["float32", INT8, pytest.param("bfloat16", marks=needs_numkong)]


def unit(raw: NDArray[np.floating]) -> NDArray[np.float32]:
    rows = np.asarray(raw, np.float64)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def squared_distance_matrix(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    wide = vectors.astype(np.float64)
    return np.stack([((row - wide) ** 2).sum(axis=-1) for row in wide])


def dbscan_oracle(vectors: NDArray[np.float32], *, eps: float, min_samples: int) -> DBSCAN:
    squared = squared_distance_matrix(vectors)
    return DBSCAN(eps=2 * eps, min_samples=min_samples, metric="precomputed").fit(squared)


def people(
    rng: np.random.Generator, *, n: int, dim: int, spread: float = 0.8, per_person: int = 5
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Generated faces with power-law identity sizes: vectors (n, dim) and who they show (n,)."""
    centres = rng.normal(size=(max(2, n // per_person), dim))
    weights = 1 / np.arange(1, len(centres) + 1)
    who = rng.choice(len(centres), p=weights / weights.sum(), size=n)
    return unit(centres[who] + spread * rng.normal(size=(n, dim))), who
