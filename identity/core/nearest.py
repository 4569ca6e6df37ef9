"""What is sought near probes, and what a search found: rows of one probe and one identity, and how far was looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from identity.core.types import NO_ID, Distances, Ids

Rows = NDArray[np.intp]  # places in the rows of a `Nearest`


@dataclass(frozen=True, slots=True)
class Sought:
    """What must be found exactly for each probe. Whatever is farther than all of it may be left out."""

    k: int = 1  # a decision looks at the k-th nearest sample of an identity
    reach: float | NDArray[np.float64] = np.inf  # of all probes, or of each (n,): every identity decided within it
    identities: int = 0  # so many identities, those whose k-th samples are nearest
    samples: int = 0  # so many samples, the nearest of all, and the nearest that have an identity
    elsewhere: Ids = field(default_factory=lambda: np.empty(0, np.int64))  # of these, another index has samples too

    @property
    def width(self) -> int:
        """How many samples are listed of each identity."""
        return max(self.k, self.samples)

    def of(self, probes: NDArray[np.intp] | slice) -> Sought:
        """The same for some of the probes."""
        return self if np.ndim(self.reach) == 0 else replace(self, reach=np.asarray(self.reach)[probes])


@dataclass(frozen=True, slots=True)
class Nearest:
    """What a search found for n probes: m rows, each of one probe and one identity with its k nearest samples.

    Rows of probe i are `offsets[i]` to `offsets[i + 1]`, by ascending identity (NO_ID, for samples without one, is
    first). `distances` and `ids` (m, width) come nearest first, inf and NO_ID where no further sample is listed. Of an
    identity whose k-th nearest sample lies within `horizon[i]` of probe i, at least the k nearest are listed; of one
    that other indexes have as well (`Sought.elsewhere`), the k nearest of all that lie within it.
    """

    offsets: Ids  # (n + 1,)
    identities: Ids  # (m,)
    distances: Distances
    ids: Ids
    horizon: Distances  # (n,)

    def __len__(self) -> int:
        """How many probes were asked."""
        return len(self.horizon)

    @property
    def probes(self) -> Ids:
        """The probe of each row (m,)."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.offsets))

    @classmethod
    def everything(cls, identities: Ids, distances: Distances, ids: Ids) -> Nearest:
        """Of arrays (n, c, k) about all identities (c,)."""
        n, c, k = distances.shape
        offsets = np.arange(n + 1, dtype=np.int64) * c
        horizon = np.full(n, np.inf, np.float32)
        return cls(offsets, np.tile(identities, n), distances.reshape(-1, k), ids.reshape(-1, k), horizon)

    def where(self, kept: NDArray[np.bool_]) -> Nearest:
        """The rows marked (m,): what is said of the horizon is for the caller to see to."""
        before = np.concatenate([[0], np.cumsum(kept)])
        offsets = before[self.offsets].astype(np.int64)
        return Nearest(offsets, self.identities[kept], self.distances[kept], self.ids[kept], self.horizon)

    def of(self, asked: NDArray[np.bool_]) -> Nearest:
        """What was found for some of the probes (n,)."""
        rows = asked[self.probes]
        offsets = np.concatenate([[0], np.cumsum(np.diff(self.offsets)[asked])]).astype(np.int64)
        return Nearest(offsets, self.identities[rows], self.distances[rows], self.ids[rows], self.horizon[asked])

    def named(self) -> Nearest:
        """Only the rows of identities."""
        return self.where(self.identities != NO_ID)


def least(values: NDArray[np.floating], offsets: Ids) -> NDArray[np.floating]:
    """The smallest of each probe's rows (n,), inf where it has none."""
    smallest = np.full(len(offsets) - 1, np.inf, values.dtype)
    some = offsets[:-1] < offsets[1:]
    if some.any():
        smallest[some] = np.minimum.reduceat(values, offsets[:-1][some])
    return smallest


def firsts(probes: Ids, *, n: int, k: int) -> tuple[Rows, Ids, Ids]:
    """Of entries in ascending order of their probe, the first k of each: places, probe and rank of every one."""
    starts = np.searchsorted(probes, np.arange(n))
    rank = np.arange(len(probes)) - starts[probes]
    places = np.flatnonzero(rank < k)
    return places, probes[places], rank[places]


def join(parts: Sequence[Nearest], asked: Sequence[Ids]) -> Nearest:
    """Searches of different probes as one; `asked` says at which place each probe of each part stands."""
    probes = np.concatenate([places[part.probes] for part, places in zip(parts, asked, strict=True)])
    order, places = np.argsort(probes, kind="stable"), np.concatenate(asked)
    horizon = np.empty(len(places), np.float32)
    horizon[places] = np.concatenate([part.horizon for part in parts])
    return Nearest(
        np.searchsorted(probes[order], np.arange(len(places) + 1)).astype(np.int64),
        np.concatenate([part.identities for part in parts])[order],
        np.concatenate([part.distances for part in parts])[order],
        np.concatenate([part.ids for part in parts])[order],
        horizon,
    )


def rows_of_samples(
    probes: Ids, identities: Ids, distances: Distances, ids: Ids, *, k: int, horizon: Distances
) -> Nearest:
    """Rows out of single samples (e,) in any order: the k nearest of each probe and identity."""
    order = np.lexsort((ids, distances, identities, probes))
    probes, identities = probes[order], identities[order]
    new = np.ones(len(order), bool)
    new[1:] = (probes[1:] != probes[:-1]) | (identities[1:] != identities[:-1])
    row = np.cumsum(new) - 1
    places, of_row, rank = firsts(row, n=int(new.sum()), k=k)
    listed = np.full((int(new.sum()), k), NO_ID), np.full((int(new.sum()), k), np.inf, np.float32)
    listed[0][of_row, rank], listed[1][of_row, rank] = ids[order[places]], distances[order[places]]
    offsets = np.searchsorted(probes[new], np.arange(len(horizon) + 1)).astype(np.int64)
    return Nearest(offsets, identities[new], listed[1], listed[0], horizon)


def merge(found: Sequence[Nearest], *, k: int) -> Nearest:
    """The k nearest per identity out of several searches of the same probes in different samples."""
    width = found[0].distances.shape[1]
    real = [np.flatnonzero(np.isfinite(one.distances)) for one in found]
    horizon = np.minimum.reduce([one.horizon for one in found])
    return rows_of_samples(
        np.concatenate([one.probes[at // width] for one, at in zip(found, real, strict=True)]),
        np.concatenate([one.identities[at // width] for one, at in zip(found, real, strict=True)]),
        np.concatenate([one.distances.ravel()[at] for one, at in zip(found, real, strict=True)]),
        np.concatenate([one.ids.ravel()[at] for one, at in zip(found, real, strict=True)]),
        k=k,
        horizon=horizon,
    )
