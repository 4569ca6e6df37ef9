"""How FAISS is used does not depend on who opened the index: a worker that holds a shard opens no pipeline."""

from __future__ import annotations

import faiss
import numpy as np
import pytest

from identity.core.distance import unit_vectors
from identity.core.nearest import Sought
from identity.core.types import Labelled
from identity.indexes.choice import in_memory
from identity.indexes.faiss_use import FEW_PROBES

DIM = 8


@pytest.mark.parametrize(("n", "people"), [(10_000, 2), (5_000, 1_000)])
def test_every_search_lets_faiss_use_blas_for_batches(n: int, people: int) -> None:
    rng = np.random.default_rng(0)
    vectors = unit_vectors(rng.normal(size=(n, DIM)).astype(np.float32))
    index = in_memory(Labelled(np.arange(1, n + 1), np.arange(n) % people + 1, vectors))
    before = faiss.cvar.distance_compute_blas_threshold
    try:
        faiss.cvar.distance_compute_blas_threshold = 20  # FAISS's own
        index.search(vectors[:FEW_PROBES], sought=Sought(1, 0.3, identities=3, samples=3))
        assert faiss.cvar.distance_compute_blas_threshold == FEW_PROBES * DIM
    finally:
        faiss.cvar.distance_compute_blas_threshold = before
