"""Samples with so many copies that their core distance is 0: one stands for all, so that lists stay short.

The library visits the lowest copy first and then, at distance 0, the others by number: nothing else is as near.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.clustering.dbscan.parallel import slices
from identity.clustering.hierarchy.visiting import Tree
from identity.core.types import Vectors

Numbers = NDArray[np.intp]
FINGERPRINTED_VALUES = 1 << 18  # at once


@dataclass(frozen=True, slots=True)
class Copies:
    """The samples that stay (m,), ascending; whether each stands for many (m,); and who stands for each (n,)."""

    kept: Numbers
    many: NDArray[np.bool_]
    stands_for: Numbers  # number of a sample, of each sample

    @classmethod
    def among(cls, rows: Vectors, *, more_than: int) -> Copies:
        """Of rows (n, dim), those with more than so many equal ones, themselves included, are merged."""
        stands_for = np.arange(len(rows))
        _, alike, count = np.unique(_fingerprints(rows), return_inverse=True, return_counts=True)
        crowd = np.flatnonzero(count[alike] > more_than)
        _, first, group, count = np.unique(
            rows[crowd] + np.float32(0), axis=0, return_index=True, return_inverse=True, return_counts=True
        )
        group = group.ravel()  # numpy 2.0 gave it another shape
        merged = count[group] > more_than
        stands_for[crowd[merged]] = crowd[first[group[merged]]]
        kept = np.flatnonzero(stands_for == np.arange(len(rows)))
        return cls(kept, np.isin(kept, crowd[merged]), stands_for)

    def restore(self, tree: Tree) -> Tree:
        """The tree of all samples, given that of those that stay."""
        others = np.flatnonzero(self.stands_for != np.arange(len(self.stands_for)))
        ends = self.kept[tree[:, :2].astype(np.intp)]
        visit = np.empty(len(self.stands_for), np.intp)  # when the one that stands for a sample is visited
        visit[self.kept[0]] = 0
        visit[ends[:, 1]] = np.arange(1, len(ends) + 1)
        copied = np.stack([self.stands_for[others], others, np.zeros(len(others))], axis=1)
        order = np.argsort(np.concatenate([visit[ends[:, 1]], visit[self.stands_for[others]]]), kind="stable")
        return np.concatenate([np.column_stack([ends, tree[:, 2]]), copied])[order]


def _fingerprints(rows: Vectors) -> NDArray[np.uint64]:
    """A number for each row, the same for equal ones, whatever the signs of their zeros."""
    factors = np.random.default_rng(0).integers(1, 2**63, size=rows.shape[1], dtype=np.uint64)
    found = np.empty(len(rows), np.uint64)
    step = max(1, FINGERPRINTED_VALUES // rows.shape[1])
    for part in slices(0, len(rows), step):
        found[part] = ((rows[part] + np.float32(0)).view(np.uint32) * factors).sum(axis=1)
    return found
