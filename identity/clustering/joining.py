"""Samples that may found no cluster join one that others made, where it reaches them.

The *reach* of a cluster is the largest distance from one of its samples to the nearest other of them: as far apart as
its own samples are, and no farther.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from identity.clustering.dbscan.components import NOISE, Labels
from identity.clustering.dbscan.parallel import slices
from identity.core.stopping import STOPPING
from identity.core.types import Vectors

BLOCK = 1024
Rows = NDArray[np.intp]


def join(vectors: Vectors, labels: Labels, late: Rows) -> Labels:
    """Labels (n,) in which each row of `late` has the cluster of the nearest clustered row, if that reaches it.

    Equally near rows are settled by the lowest. A cluster of one sample reaches nobody.
    """
    joined = labels.copy()
    firm = np.flatnonzero(labels != NOISE)
    if not len(firm) or not len(late):
        return joined
    at, far = _nearest(vectors[late], vectors[firm])
    wanted = labels[firm[at]]
    reach = {int(label): _reach(vectors[labels == label]) for label in np.unique(wanted)}
    within = far <= np.array([reach[label] for label in wanted.tolist()])
    joined[late[within]] = wanted[within]
    return joined


def _reach(members: Vectors) -> float:
    """How far the loneliest member is from the next one, as a squared Euclidean distance; -1 of one member."""
    return float(_nearest(members, members, but_itself=True)[1].max()) if len(members) > 1 else -1.0


def _nearest(rows: Vectors, columns: Vectors, *, but_itself: bool = False) -> tuple[Rows, NDArray[np.float64]]:
    """The nearest column of every row (m,), never `but_itself`, and its squared distance (m,)."""
    at, product = np.zeros(len(rows), np.intp), np.full(len(rows), -np.inf)
    for here in slices(0, len(rows), BLOCK):
        for there in slices(0, len(columns), BLOCK):
            STOPPING.check()
            products = rows[here].astype(np.float64) @ columns[there].astype(np.float64).T
            if but_itself and here == there:
                np.fill_diagonal(products, -np.inf)
            best = products.argmax(axis=1)
            nearer = np.flatnonzero(products[np.arange(len(best)), best] > product[here])
            at[here.start + nearer] = there.start + best[nearer]
            product[here.start + nearer] = products[nearer, best[nearer]]
    difference = rows.astype(np.float64) - columns[at]
    return at, np.einsum("ij,ij->i", difference, difference)
