"""Vectors turned once so that their first numbers hold most of what they have, and cut there: shorter, never further.

What is cut off goes into one last number, its length. Such heads are as long as the vectors were, and their product is
at least that of the vectors (`rounding`, 5): what their tiles rule out is ruled out. How many numbers a head has hangs
on the spectrum, and a sample of the vectors says it: without structure no head is worth its time, and none is taken.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from identity.clustering.dbscan.parallel import slices, usable_cores
from identity.clustering.dbscan.rounding import head_error, rounded_up, skew_bound
from identity.core.types import Vectors

TURNED = 1024  # rows at once
SAMPLED = 2048  # rows that the axes are taken from
Axes = NDArray[np.float64]  # (dim, dim), a column per axis, those with most of the vectors first


@dataclass(frozen=True, slots=True)
class Rotation:
    """Nearly orthonormal axes, and how nearly: a bound of the spectral norm of V'V - 1."""

    axes: Axes
    skew: float

    @classmethod
    def of(cls, rows: Vectors) -> Rotation:
        """The principal axes of rows (n, dim) about the origin, from a sample spread over all of them."""
        sample = spread_sample(rows, SAMPLED).astype(np.float64)
        axes = np.ascontiguousarray(np.linalg.eigh(sample.T @ sample)[1][:, ::-1])
        return cls(axes, skew_bound(axes))

    def heads(self, rows: Vectors, length: int) -> Vectors:
        """The first `length` numbers of the turned rows and the length of the rest: (n, length + 1)."""
        found = np.empty((len(rows), length + 1), np.float32)
        first = np.ascontiguousarray(self.axes[:, :length])

        def turn(part: slice) -> None:
            wide = rows[part].astype(np.float64)
            found[part, :length] = wide @ first
            head = found[part, :length].astype(np.float64)
            left = np.einsum("ij,ij->i", wide, wide) - np.einsum("ij,ij->i", head, head)
            found[part, length] = rounded_up(np.sqrt(np.maximum(left + 2 * self.error(length), 0)))

        with threadpool_limits(1), ThreadPoolExecutor(usable_cores()) as pool:
            list(pool.map(turn, slices(0, len(rows), TURNED)))
        return found

    def error(self, length: int) -> float:
        """How much less than the rows' product that of their heads can be."""
        return head_error(self.skew, dim=len(self.axes), length=length)


def spread_sample(rows: Vectors, most: int, *, start: int = 0) -> Vectors:
    """At most so many rows, evenly spread from a start on."""
    return np.ascontiguousarray(rows[start :: -(-len(rows) // most)])
