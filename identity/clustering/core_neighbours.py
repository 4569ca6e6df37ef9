"""Neighbour pairs collected instead of streamed, where one side is small: what attaching new samples needs."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from identity.clustering.dbscan.components import Labels
from identity.clustering.dbscan.neighbours import relation_between, stream_cross, stream_pairs
from identity.core.types import Vectors

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Neighbour pairs (p,), (p,), sorted."""

    first: Rows
    second: Rows

    def degree(self, n: int) -> NDArray[np.int64]:
        """How many pairs each of n samples is in, where both sides are the same samples."""
        return np.bincount(self.first, minlength=n) + np.bincount(self.second, minlength=n)

    @classmethod
    def of_parts(cls, parts: list[tuple[Rows, Rows]]) -> Pairs:
        """The pairs of all parts in one order, whichever thread found them first."""
        empty = np.empty(0, np.intp)
        first = np.concatenate([empty, *(i for i, _ in parts)])
        second = np.concatenate([empty, *(j for _, j in parts)])
        order = np.lexsort((second, first))
        return cls(first[order], second[order])


@dataclass(frozen=True, slots=True)
class Contacts:
    """How many cores each row touches (n,), and which clusters: (row, label), each once, sorted."""

    degree: NDArray[np.int64]
    row: Rows
    label: Labels


def pairs_between(rows: Vectors, columns: Vectors, *, eps: float | None, precision: str) -> Pairs:
    """Neighbour pairs between two sets, either of which may be empty; all pairs without `eps`."""
    if not len(rows) or not len(columns):
        return Pairs.of_parts([])
    if eps is None:
        first, second = np.indices((len(rows), len(columns)), dtype=np.intp).reshape(2, -1)
        return Pairs(first, second)
    found: list[tuple[Rows, Rows]] = []

    def keep(at: slice, to: slice, i: Rows, j: Rows) -> None:
        found.append((i + at.start, j + to.start))

    stream_cross(relation_between(rows, columns, eps=eps, precision=precision), keep)
    return Pairs.of_parts(found)


def pairs_among(rows: Vectors, *, eps: float | None, precision: str) -> Pairs:
    """Neighbour pairs i < j inside one set; all pairs without `eps`."""
    if eps is None:
        return Pairs(*np.triu_indices(len(rows), k=1))
    found: list[tuple[Rows, Rows]] = []

    def keep(at: slice, to: slice, i: Rows, j: Rows) -> None:
        found.append((i + at.start, j + to.start))

    stream_pairs(relation_between(rows, rows, eps=eps, precision=precision), keep)
    return Pairs.of_parts(found)


def core_contacts(rows: Vectors, cores: Vectors, labels: Labels, *, eps: float, precision: str) -> Contacts:
    """Which clusters the rows touch; a cluster is kept once per row and tile, however many of its cores are near."""
    degree = np.zeros(len(rows), np.int64)
    found: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
    width = int(labels.max(initial=0)) + 1
    lock = Lock()

    def keep(at: slice, to: slice, i: Rows, j: Rows) -> None:
        touched = np.unique((i + at.start) * width + labels[j + to.start])
        with lock:
            degree[at] += np.bincount(i, minlength=at.stop - at.start)
            found.append(touched)

    if len(cores):
        stream_cross(relation_between(rows, cores, eps=eps, precision=precision), keep)
    row, label = np.divmod(np.unique(np.concatenate(found)), width)
    return Contacts(degree, row, label)
