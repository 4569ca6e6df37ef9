"""What is sought near probes, and what a search found: rows of one probe and one identity, and how far was looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from identity.core.types import NO_ID, Distances, Ids, Vectors

Rows = NDArray[np.intp]  # places in the rows of a `Nearest`


@dataclass(frozen=True, slots=True)
class Sought:
    """What must be found exactly for each probe. Whatever is farther than all of it may be left out."""

    k: int = 1  # a decision looks at the k-th nearest sample of an identity
    reach: float | NDArray[np.float64] = np.inf  # of all probes, or of each (n,): every identity decided within it
    identities: int = 0  # so many identities, those whose k-th samples are nearest
    samples: int = 0  # so many samples, the nearest of all, and the nearest that have an identity

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
    first). `distances` and `ids` (m, k) come nearest first, inf and NO_ID where there is no further sample. Samples
    that are not listed are farther from probe i than `horizon[i]`.
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

    def named(self) -> Nearest:
        """Only the rows of identities."""
        return self.where(self.identities != NO_ID)


@dataclass(frozen=True, slots=True)
class Claims:
    """Samples (n, k) that the index found near n probes, with distance and identity id; NO_ID where there is none."""

    ids: Ids
    distances: Distances
    identities: Ids

    @classmethod
    def none(cls, n: int, k: int) -> Claims:
        """Nothing found, to be filled."""
        return cls(np.full((n, k), NO_ID), np.full((n, k), np.inf, np.float32), np.full((n, k), NO_ID))

    def of(self, probes: slice) -> Claims:
        """Those about some of the probes."""
        return Claims(self.ids[probes], self.distances[probes], self.identities[probes])

    def beside(self, others: Claims) -> Claims:
        """These and others about the same probes, to be looked up at once."""
        return Claims(
            np.concatenate([self.ids, others.ids], axis=1),
            np.concatenate([self.distances, others.distances], axis=1),
            np.concatenate([self.identities, others.identities], axis=1),
        )


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


def nearest_samples(found: Nearest, *, k: int) -> Claims:
    """The k nearest samples of each probe over all identities, nearest first, the lower id first among equals."""
    claims, width = Claims.none(len(found), k), found.distances.shape[1]
    entries = _short_list(found, k)
    probes, rows = found.probes[entries // width], entries // width
    distances, ids = found.distances.ravel()[entries], found.ids.ravel()[entries]
    order = np.lexsort((ids, distances, probes))
    places, probe, rank = firsts(probes[order], n=len(found), k=k)
    chosen = order[places]
    claims.ids[probe, rank], claims.distances[probe, rank] = ids[chosen], distances[chosen]
    claims.identities[probe, rank] = found.identities[rows[chosen]]
    return claims


def _short_list(found: Nearest, k: int) -> Rows:
    """Entries of `distances` that may be among the k nearest of their probe: few of them need sorting."""
    counts, real = np.diff(found.offsets), np.isfinite(found.distances)
    if len(counts) and (counts == counts[0]).all() and (each := int(counts[0]) * real.shape[1]) > k:
        by_probe = found.distances.reshape(len(counts), each)
        farthest = np.partition(by_probe, k - 1, axis=1)[:, k - 1]
        real &= (by_probe <= farthest[:, None]).reshape(real.shape)
    return np.flatnonzero(real)


def join(parts: Sequence[Nearest]) -> Nearest:
    """Searches of one set of probes after another, as one."""
    ends = np.cumsum([0] + [len(part.identities) for part in parts])
    offsets = [part.offsets[1:] + end for part, end in zip(parts, ends[:-1], strict=True)]
    return Nearest(
        np.concatenate([[0], *offsets]).astype(np.int64),
        np.concatenate([part.identities for part in parts]),
        np.concatenate([part.distances for part in parts]),
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.horizon for part in parts]),
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
    listed = Claims.none(int(new.sum()), k)
    listed.ids[of_row, rank], listed.distances[of_row, rank] = ids[order[places]], distances[order[places]]
    offsets = np.searchsorted(probes[new], np.arange(len(horizon) + 1)).astype(np.int64)
    return Nearest(offsets, identities[new], listed.distances, listed.ids, horizon)


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


def row_products(left: Vectors, right: Vectors) -> NDArray[np.float32]:
    """x.y of row after row, summed in float64: as good as exact, whatever the order of summation."""
    return np.asarray(np.einsum("nd,nd->n", left, right, dtype=np.float64), np.float32)
