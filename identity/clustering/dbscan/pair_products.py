"""float32 products of single pairs of rows, by FAISS's kernel: where a tile has left few of its pairs open.

A pair costs as much as four or five of a tile (measured at 128 to 512 numbers), copied rows would cost thrice that.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from identity.core.types import Vectors


def pair_products(rows: Vectors, columns: Vectors, i: NDArray[np.intp], j: NDArray[np.intp]) -> NDArray[np.float32]:
    """Products (m,) of rows i (m,) and columns j (m,), in any order of summation, on one core."""
    faiss = _faiss()
    faiss.omp_set_num_threads(1)  # of this thread
    first, second = np.ascontiguousarray(i, np.int64), np.ascontiguousarray(j, np.int64)
    found = np.empty(len(first), np.float32)
    at = (faiss.swig_ptr(one) for one in (rows, first, columns, second, found))
    faiss.pairwise_indexed_inner_product(rows.shape[1], len(first), *at)
    return found


@cache
def _faiss() -> Any:
    import faiss

    return faiss
