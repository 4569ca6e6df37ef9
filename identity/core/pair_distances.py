"""Every face of a gallery against every other: which pairs are mated, and how near strangers come. Tile by tile.

A pair is mated where two photographs show one identity. A face is never compared with itself, nor with another face
of its own photograph or a copy of it as mated; two faces of one photograph are two people.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from identity.core.distance import to_distances
from identity.core.types import NO_ID, Ids, Labelled, Vectors

TILE_CELLS = 2**24  # distances of one tile: bounds the memory whatever the gallery holds
COUNTED_CELLS = 2**17  # of them at once where they are counted: what a core's cache holds
MOST_PROBES = 10_000  # faces that are asked about; all are compared with
BINS = 20_000  # of the distances' histogram, 0.0001 wide
COPY = 1e-3  # one photograph saved twice is nearer to itself than this, two photographs are not

Places = NDArray[np.intp]


@dataclass(frozen=True)
class DistanceTile:
    """Distances of some probes to all faces. A pair of two probes counts once, with the one that comes first.

    The next tile is written where this one lies.
    """

    rows: Places  # (t,) places of the probes
    strangers: NDArray[np.float32]  # (t, n) to faces of other people; inf elsewhere, and where a pair was counted
    nearest: NDArray[np.float32]  # (t, c) to the nearest face of each identity, inf where that is the probe's own
    mated: NDArray[np.float32]  # (t,) to the nearest other photograph of the own identity, inf where there is none
    mates: NDArray[np.float32]  # (m,) of one person's photographs


@dataclass(frozen=True)
class LabelledFaces:
    """The named faces of a gallery, ordered by identity. `probes` are those that stand in for people who ask."""

    vectors: Vectors  # (n, dim)
    who: Places  # (n,) places in `identities`
    photographs: Ids  # (n,)
    identities: Ids  # (c,)
    bounds: Places  # (c,) the first face of each
    probes: Places

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """How many faces each identity has (c,)."""
        return np.bincount(self.who, minlength=len(self.identities))

    @cached_property
    def _is_probe(self) -> NDArray[np.bool_]:
        asked = np.zeros(len(self.who), bool)
        asked[self.probes] = True
        return asked

    def tiles(self) -> Iterator[DistanceTile]:
        """All probes against all faces."""
        size = max(1, TILE_CELLS // max(1, len(self.who)))
        memory = np.empty((min(size, len(self.probes)), len(self.who)), np.float32)
        for low in range(0, len(self.probes), size):
            yield self._tile(low, memory[: len(self.probes) - low])

    def _tile(self, first: int, distances: NDArray[np.float32]) -> DistanceTile:
        rows = self.probes[first : first + len(distances)]
        to_distances(np.matmul(self.vectors[rows], self.vectors.T, out=distances))
        mates = [self._take_out_mates(row, one) for row, one in zip(rows.tolist(), distances, strict=True)]
        nearest = np.minimum.reduceat(distances, self.bounds, axis=1)
        for asked, one in enumerate(distances, start=first):
            one[self.probes[:asked]] = np.inf
        mated = np.array([one.min(initial=np.inf) for one, _ in mates], np.float32)
        return DistanceTile(rows, distances, nearest, mated, np.concatenate([one[once] for one, once in mates]))

    def _take_out_mates(
        self, row: int, distances: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Distances (m,) of a probe to its mates, and which pairs count with it; all of its identity become inf."""
        low = int(self.bounds[self.who[row]])
        own = slice(low, low + int(self.counts[self.who[row]]))
        mated = (self.photographs[own] != self.photographs[row]) & (distances[own] >= COPY)
        found, places = distances[own][mated], np.flatnonzero(mated) + low
        distances[own] = np.inf
        return found, (places > row) | ~self._is_probe[places]


def faces_of(labelled: Labelled, photographs: Ids, rng: np.random.Generator) -> LabelledFaces:
    """The named faces among labelled vectors; `photographs` (n,) says which photograph each was seen in."""
    named = np.flatnonzero(labelled.identities != NO_ID)
    order = named[np.argsort(labelled.identities[named], kind="stable")]
    identities, bounds, who = np.unique(labelled.identities[order], return_index=True, return_inverse=True)
    probes = np.arange(len(order))
    if len(probes) > MOST_PROBES:
        probes = np.sort(rng.choice(probes, MOST_PROBES, replace=False))
    vectors = np.ascontiguousarray(labelled.vectors[order])
    return LabelledFaces(vectors, who.astype(np.intp), photographs[order], identities, bounds.astype(np.intp), probes)


@dataclass(frozen=True)
class PairCounts:
    """What one pass over all pairs counts."""

    histogram: NDArray[np.int64]  # (BINS,) distances of different people
    mated_histogram: NDArray[np.int64]  # (BINS,) distances of one person's photographs
    mated: NDArray[np.float32]  # (probes,)
    centre: NDArray[np.float64]  # (c,) mean distance of strangers to their nearest face of each identity
    spread: NDArray[np.float64]  # (c,) its standard deviation


def count_pairs(faces: LabelledFaces) -> PairCounts:
    """Count distances of different people, and how near strangers come to each identity."""
    histogram, mated_histogram = np.zeros(BINS, np.int64), np.zeros(BINS, np.int64)
    moments = np.zeros((3, len(faces.identities)))
    mated = []
    for tile in faces.tiles():
        size = max(1, COUNTED_CELLS // tile.strangers.shape[1])
        for low in range(0, len(tile.rows), size):
            histogram += _histogram(tile.strangers[low : low + size].ravel())
        mated_histogram += _histogram(tile.mates)
        met = np.isfinite(tile.nearest)
        near = np.where(met, tile.nearest, 0).astype(np.float64)
        moments += [met.sum(axis=0), near.sum(axis=0), (near**2).sum(axis=0)]
        mated.append(tile.mated)
    count = np.maximum(moments[0], 1)
    centre = moments[1] / count
    spread = np.sqrt(np.maximum(moments[2] / count - centre**2, 0))
    nearest = np.concatenate(mated) if mated else np.empty(0, np.float32)
    return PairCounts(histogram, mated_histogram, nearest, centre, spread)


def _histogram(distances: NDArray[np.float32]) -> NDArray[np.int64]:
    """How many distances lie in each bin; those that are inf in none."""
    places = distances * np.float32(BINS / 2)
    np.minimum(places, np.float32(BINS + 1), out=places)
    counts = np.bincount(places.astype(np.intp), minlength=BINS + 2)
    counts[BINS - 1] += counts[BINS]  # a distance of 2 itself
    return counts[:BINS]


@dataclass(frozen=True)
class NearestStrangers:
    """What a second pass finds once it is known how far each identity's threshold lies from the others'."""

    nearest: NDArray[np.float32]  # (probes,) distance to the stranger that comes nearest to being accepted
    relative: NDArray[np.float32]  # (probes,) the same over that identity's scale
    close: NDArray[np.int64]  # (m, 2) identities of each pair of different people within the limit
    distances: NDArray[np.float32]  # (m,)

    def within(self, distance: float) -> NDArray[np.int64]:
        """Pairs of people (p, 3) with the number of their pairs of photographs within a distance."""
        one, other = self.close[self.distances <= distance].T
        people = int(self.close.max(initial=0)) + 1
        both, hits = np.unique(one * people + other, return_counts=True)
        return np.column_stack([*np.divmod(both, people), hits])


def nearest_strangers(faces: LabelledFaces, scales: NDArray[np.float32], *, limit: float) -> NearestStrangers:
    """For each probe the stranger nearest to being accepted, and pairs of different people within `limit`."""
    nearest, relative, close, distances = [], [], [], []
    for tile in faces.tiles():
        scaled = tile.nearest / scales
        best = scaled.argmin(axis=1)
        every = np.arange(len(best))
        nearest.append(tile.nearest[every, best])
        relative.append(scaled[every, best])
        row, column = np.divmod(np.flatnonzero(tile.strangers <= limit), tile.strangers.shape[1])
        close.append(np.column_stack([faces.who[tile.rows[row]], faces.who[column]]))
        distances.append(tile.strangers[row, column])
    return NearestStrangers(*(np.concatenate(one) for one in (nearest, relative, close, distances)))
