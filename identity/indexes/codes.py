"""A gallery's vectors as 8-bit integers: a quarter of the bytes to look through, and the bound of what that costs."""

from __future__ import annotations

from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from identity.core.scan_bounds import PORTION_ROWS, Errors, Question, ScanBound, quantise
from identity.core.types import Ids, Vectors

ZERO = 128  # FAISS keeps a signed 8-bit number in a byte that is larger by so much


@dataclass(frozen=True)
class Codes:
    """Codes of n vectors in their order, to be scanned; `scales` (dim,) are the steps of the columns."""

    index: faiss.IndexScalarQuantizer
    scales: Vectors
    bound: ScanBound

    @classmethod
    def of(cls, vectors: Vectors) -> Codes:
        """Codes of vectors (n, dim)."""
        integers, scales = quantise(vectors)
        kind = faiss.ScalarQuantizer.QT_8bit_direct_signed
        index = faiss.IndexScalarQuantizer(vectors.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
        for low in range(0, len(integers), PORTION_ROWS):
            index.add_sa_codes((integers[low : low + PORTION_ROWS].astype(np.int16) + ZERO).astype(np.uint8))
        return cls(index, scales, ScanBound.of_codes(vectors, integers, scales))

    @property
    def integers(self) -> NDArray[np.int8]:
        """The codes (n, dim), copied."""
        stored: NDArray[np.uint8] = faiss.rev_swig_ptr(self.index.codes.data(), self.index.ntotal * self.index.d)
        return (stored.reshape(-1, self.index.d).astype(np.int16) - ZERO).astype(np.int8)

    def nearest(self, probes: Vectors, k: int) -> tuple[NDArray[np.float64], Ids, Errors]:
        """Estimates of the similarity and places (n, k), largest estimate first, and how wrong they may be (n,).

        Probes are asked as integers because FAISS, where the dimension is a multiple of 16, takes them for such.
        """
        question = Question.of(probes, self.scales)
        sums, places = self.index.search(question.integers, k)
        return sums * question.steps[:, None], places, self.bound.errors_of_codes(probes, question)
