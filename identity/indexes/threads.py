"""How many threads FAISS uses, and from when on it uses BLAS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import faiss

FEW_PROBES = 4


@contextmanager
def threads_for(probes: int) -> Iterator[None]:
    """One thread for a few probes: waking a second costs more than it helps, far more on a busy machine."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1 if probes < FEW_PROBES else before)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def tune_faiss(dim: int) -> None:
    """Let FAISS use BLAS from 4 queries on: its own limit makes batches under some 250 queries many times slower."""
    faiss.cvar.distance_compute_blas_threshold = FEW_PROBES * dim
