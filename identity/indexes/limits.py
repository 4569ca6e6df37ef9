"""How far a search has to look: up to the farthest of what is sought, by what it has found so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.core.claims import nearest_samples
from identity.core.nearest import Nearest, Sought, firsts
from identity.core.types import NO_ID, Distances, Ids


@dataclass(frozen=True, slots=True)
class Holdings:
    """How many samples a gallery has of each identity."""

    named: Ids  # (c,) of each that has a name and a sample
    unnamed: int

    @classmethod
    def of(cls, identities: Ids, counts: Ids) -> Holdings:
        """Of identities (s,) and how many of their samples may be found."""
        named = (identities != NO_ID) & (counts > 0)
        return cls(counts[named], int(counts[identities == NO_ID].sum()))

    def limits(self, found: Nearest, sought: Sought) -> Distances:
        """What is sought lies within this distance of each probe (n,), inf where that cannot be said yet."""
        named = found.named()
        limits = np.maximum(np.float32(0), _up(np.broadcast_to(sought.reach, len(found))))
        limits = np.maximum(limits, self._of_identities(named, sought))
        limits = np.maximum(limits, _last(named, min(sought.samples, int(self.named.sum()))))
        if self.unnamed:
            limits = np.maximum(limits, _last(found, min(sought.samples, int(self.named.sum()) + self.unnamed)))
        return np.asarray(limits, np.float32)

    def has_enough(self, sought: Sought) -> bool:
        """Whether enough identities have k samples."""
        return min(sought.identities, len(self.named)) <= int((self.named >= sought.k).sum())

    def _of_identities(self, named: Nearest, sought: Sought) -> Distances:
        """Distance to the last of the identities sought (n,)."""
        if not self.has_enough(sought):
            return np.full(len(named), np.inf, np.float32)  # those with fewer than k samples come after all others
        wanted = min(sought.identities, len(self.named))
        return _nth(named.distances[:, sought.k - 1], named.probes, n=len(named), rank=wanted)


def _last(found: Nearest, count: int) -> Distances:
    """Distance to the last of so many samples (n,)."""
    return nearest_samples(found, k=count).distances[:, -1] if count else np.zeros(len(found), np.float32)


def _nth(values: Distances, probes: Ids, *, n: int, rank: int) -> Distances:
    """The value at a rank (from 1; 0 asks for nothing) among those of each probe (n,), inf where there are fewer."""
    if not rank:
        return np.zeros(n, np.float32)
    order = np.lexsort((values, probes))
    places, probe, place = firsts(probes[order], n=n, k=rank)
    last = place == rank - 1
    nth = np.full(n, np.inf, np.float32)
    nth[probe[last]] = values[order[places[last]]]
    return nth


def _up(distances: NDArray[np.floating]) -> Distances:
    """Float32 numbers that are not smaller."""
    rounded = distances.astype(np.float32)
    return np.where(rounded < distances, np.nextafter(rounded, np.float32(np.inf)), rounded)
