"""Exact search, identity by identity: rows lie sorted by identity, so that every identity is one slice.

A decision needs the distance to the k-th nearest sample of *every* identity, which no top-k of the whole gallery can
promise. Large identities are searched one FAISS call each; runs of small ones (people) share one matrix product.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import faiss
import numpy as np
from numpy.typing import NDArray

from identity.core.distance import cosine_distance
from identity.core.nearest import Nearest, Sought
from identity.core.types import NO_ID, Distances, Ids, Labelled, Vectors
from identity.indexes.faiss_use import tuned_for
from identity.indexes.slices import alive_first, by_identity, check_dimension, top_of_slices

LARGE_IDENTITY = 512  # rows from which one FAISS call is cheaper than a share of a matrix product
TILE_ROWS = 8192  # rows of small identities that share one product
TILE_PROBES = 1024


@dataclass(frozen=True)
class Flat:
    """Rows sorted by identity. `bounds` (s + 1,) are the slices, `dead` (n,) marks rows that must not be found.

    An identity all of whose rows are dead is not among `identities`: nobody is called that any more.
    """

    slices: Ids  # (s,) the identity of each slice, ascending
    bounds: Ids
    ids: Ids  # (n,)
    vectors: Vectors  # (n, dim)
    dead: NDArray[np.bool_] | None = None
    keeps: object = field(default=None, repr=False)  # owner of the memory that `vectors` looks into

    @classmethod
    def over(cls, labelled: Labelled) -> Flat:
        """An index in memory over vectors in any order."""
        ordered, identities, bounds = by_identity(labelled)
        return cls(identities, bounds, ordered.ids, np.ascontiguousarray(ordered.vectors))

    def without(self, superseded: Ids) -> Flat:
        """The same index, in which these samples are never found."""
        if not len(superseded):
            return self
        dead = np.isin(self.ids, superseded)
        return Flat(self.slices, self.bounds, self.ids, self.vectors, dead, self.keeps)

    @property
    def identities(self) -> Ids:
        """Identity ids (c,) of the columns of every search, ascending."""
        return self.slices[self._lives]

    @property
    def counts(self) -> Ids:
        """How many rows of each slice may be found (s,)."""
        if self.dead is None or not len(self.slices):
            return np.diff(self.bounds)
        return np.add.reduceat(~self.dead, self.bounds[:-1], dtype=np.int64)

    @property
    def _lives(self) -> NDArray[np.bool_]:
        """Which slices have a row that may be found (s,)."""
        return self.counts > 0

    def of(self, identity: int) -> Vectors:
        """The vectors of an identity that may be found."""
        column = int(np.searchsorted(self.slices, identity))
        rows = slice(int(self.bounds[column]), int(self.bounds[column + 1]))
        return self.vectors[rows] if self.dead is None else self.vectors[rows][~self.dead[rows]]

    def listed(self, sought: Sought) -> int:  # noqa: ARG002
        """All of them."""
        return len(self.slices)

    def search(self, probes: Vectors, *, sought: Sought) -> Nearest:
        """The nearest samples of every identity for each probe (n, dim), whatever is sought beyond; exact.

        Raises `SpaceMismatchError` where the probes have another dimension than the gallery.
        """
        check_dimension(probes, self.vectors.shape[1])
        found = _Found.empty(len(probes), len(self.slices), sought.width)
        for first, last in _runs(self.bounds):
            if last - first == 1:
                self._search_large(probes, first, found)
            else:
                self._search_small(probes, first, last, found)
        if self.dead is None:
            return Nearest.everything(self.slices, cosine_distance(found.similarities), found.ids)
        lives = self._lives
        return Nearest.everything(
            self.slices[lives], cosine_distance(found.similarities[:, lives]), found.ids[:, lives]
        )

    def own(self, probes: Vectors, identities: Ids, *, k: int) -> Distances:
        """Distances (n, k) of each probe to the k nearest samples of the one identity given with it; inf: none."""
        distances = np.full((len(probes), k), np.inf, np.float32)
        for identity in np.intersect1d(identities, self.slices).tolist():
            column, asked = int(np.searchsorted(self.slices, identity)), identities == identity
            found = _Found.empty(int(asked.sum()), 1, k)
            self._only(column)._search_large(probes[asked], 0, found)
            distances[asked] = cosine_distance(found.similarities[:, 0])
        return distances

    def _only(self, column: int) -> Flat:
        rows = slice(int(self.bounds[column]), int(self.bounds[column + 1]))
        dead = None if self.dead is None else self.dead[rows]
        bounds = np.array([0, rows.stop - rows.start])
        return Flat(self.slices[column : column + 1], bounds, self.ids[rows], self.vectors[rows], dead)

    def _search_large(self, probes: Vectors, column: int, found: _Found) -> None:
        rows = slice(int(self.bounds[column]), int(self.bounds[column + 1]))
        dead = None if self.dead is None else self.dead[rows]
        size = rows.stop - rows.start
        wanted = min(found.k + (0 if dead is None else int(dead.sum())), size)
        similarities, places = _knn(probes, self.vectors[rows], wanted)
        if dead is not None and dead.any():
            similarities, places = alive_first(similarities, places, dead)
        width = min(found.k, similarities.shape[1])
        found.similarities[:, column, :width] = similarities[:, :width]
        real = np.isfinite(similarities[:, :width])
        found.ids[:, column, :width] = np.where(real, self.ids[rows][places[:, :width]], NO_ID)

    def _search_small(self, probes: Vectors, first: int, last: int, found: _Found) -> None:
        start, stop = int(self.bounds[first]), int(self.bounds[last])
        bounds = self.bounds[first : last + 1] - start
        block, ids = self.vectors[start:stop], self.ids[start:stop]
        for low in range(0, len(probes), TILE_PROBES):
            part = slice(low, low + TILE_PROBES)
            similarities = probes[part] @ block.T
            if self.dead is not None:
                similarities[:, self.dead[start:stop]] = -np.inf
            columns = slice(first, last)
            best, places = top_of_slices(similarities, bounds, found.k)
            found.similarities[part, columns, : best.shape[2]] = best
            found.ids[part, columns, : best.shape[2]] = np.where(np.isfinite(best), ids[places], NO_ID)


@dataclass(frozen=True)
class _Found:
    """Result arrays (n, c, k) being filled."""

    similarities: NDArray[np.float32]
    ids: Ids
    k: int

    @classmethod
    def empty(cls, n: int, c: int, k: int) -> _Found:
        return cls(np.full((n, c, k), -np.inf, np.float32), np.full((n, c, k), NO_ID, np.int64), k)


def _runs(bounds: Ids) -> Iterator[tuple[int, int]]:
    """Column ranges to search together: a large identity alone, small neighbours up to `TILE_ROWS` rows."""
    first, count = 0, len(bounds) - 1
    while first < count:
        last = first + 1
        if bounds[last] - bounds[first] < LARGE_IDENTITY:
            while last < count and bounds[last + 1] - bounds[first] <= TILE_ROWS and _is_small(bounds, last):
                last += 1
        yield first, last
        first = last


def _is_small(bounds: Ids, column: int) -> bool:
    return bool(bounds[column + 1] - bounds[column] < LARGE_IDENTITY)


def _knn(probes: Vectors, rows: Vectors, k: int) -> tuple[NDArray[np.float32], Ids]:
    with tuned_for(*probes.shape):
        similarities, places = faiss.knn(probes, rows, k, metric=faiss.METRIC_INNER_PRODUCT)
    return similarities, places
