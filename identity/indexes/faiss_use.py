"""FAISS as it is used here: how many threads, from when on BLAS, and vectors where they lie in its memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import faiss
import numpy as np

from identity.core.types import Vectors

FEW_PROBES = 4


@contextmanager
def tuned_for(probes: int, dim: int) -> Iterator[None]:
    """One thread for a few probes: waking a second costs more than it helps, far more on a busy machine."""
    tune_faiss(dim)
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1 if probes < FEW_PROBES else before)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def tune_faiss(dim: int) -> None:
    """Let FAISS use BLAS from 4 queries on: its own limit makes batches under some 250 queries many times slower."""
    faiss.cvar.distance_compute_blas_threshold = FEW_PROBES * dim


def view_of(index: faiss.IndexFlat) -> Vectors:
    """The index's own rows (n, dim), not copied and not writeable."""
    if not index.ntotal:
        return np.empty((0, index.d), np.float32)
    vectors: Vectors = faiss.rev_swig_ptr(index.get_xb(), index.ntotal * index.d).reshape(-1, index.d)
    vectors.flags.writeable = False
    return vectors
