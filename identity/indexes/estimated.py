"""Which samples can matter to a probe, told from estimates of all of them: few are scored, however many are near.

Let every estimate be within E of its product (`core.scan_bounds`). Where m samples have estimates of at least u, their
distances are at most 1 - u + E + 2^-22, rounding included, and never below 0: whatever is among the m nearest is within
that distance, so its own estimate is above the radius of it, the *floor* of u. The same holds of identities, with the
k-th largest estimate among their samples in place of the sample's: k of them are that near.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.core.nearest import Sought
from identity.core.scan_bounds import floors, radius
from identity.core.types import NO_ID, Ids

Estimates = NDArray[np.float32]
TRIED = 2048  # so many are looked at first where one sample of each identity does not tell
NOTHING, LOWEST = np.empty(0, np.int64), float(np.finfo(np.float32).min)


@dataclass(frozen=True, slots=True)
class Slices:
    """Whose the samples are that estimates are of: all of one identity (s,) lie together, `bounds` (s + 1,)."""

    identities: Ids
    bounds: Ids

    def of(self, places: Ids) -> Ids:
        """The slice of each place; places ascend."""
        return np.repeat(np.arange(len(self.identities)), np.diff(np.searchsorted(places, self.bounds)))


@dataclass(frozen=True, slots=True)
class Near:
    """Samples that may matter to one probe, by ascending place and so slice by slice: estimates (m,), and slices.

    `starts` (c,) is where each slice of some begins, `identities` (c,) whose it is.
    """

    places: Ids
    values: Estimates
    starts: Ids
    identities: Ids
    sought: Sought
    error: float

    @classmethod
    def of(cls, estimates: Estimates, slices: Slices, sought: Sought, least: float, error: float) -> Near:
        """Those of all estimates (n,) that are not below the least; -inf marks samples that must not be found."""
        if sought.k == 1:
            best, starts = np.maximum.reduceat(estimates, slices.bounds[:-1]), slices.bounds[:-1]
            some = cls(NOTHING, estimates, starts, slices.identities, sought, error)
        else:
            some = cls._at(np.flatnonzero(estimates >= _nth(estimates, TRIED)), estimates, slices, sought, error)
            best = some.kth(sought.k)
        least = max(least, some._least(best), LOWEST)
        return cls._at(np.flatnonzero(estimates >= least), estimates, slices, sought, error)

    @classmethod
    def _at(cls, places: Ids, estimates: Estimates, slices: Slices, sought: Sought, error: float) -> Near:
        own = slices.of(places)
        starts = np.flatnonzero(np.diff(own, prepend=-1))
        return cls(places, estimates[places], starts, slices.identities[own[starts]], sought, error)

    @property
    def sizes(self) -> Ids:
        """How many samples of each slice are among these (c,)."""
        return np.diff(np.append(self.starts, len(self.places)))

    def kth(self, k: int) -> Estimates:
        """The k-th largest estimate of each slice (c,), -inf where there are fewer."""
        if k == 1 or not len(self.starts):
            return np.maximum.reduceat(self.values, self.starts) if len(self.starts) else self.values
        sizes, kth = self.sizes, np.full(len(self.starts), -np.inf, np.float32)
        enough = sizes >= k
        rows = np.repeat(enough, sizes)
        values, own = self.values[rows], np.repeat(np.arange(len(sizes))[enough], sizes[enough])
        order = np.lexsort((-values, own))
        kth[enough] = values[order[np.cumsum(sizes[enough]) - sizes[enough] + k - 1]]
        return kth

    def that_matter(self) -> tuple[Ids, float]:
        """Places of what is sought, and a floor: every k-th sample of an identity without a place is not above it."""
        kth, named = self.kth(self.sought.k), self.identities != NO_ID
        floor = self._floor_of_identities(kth)
        best = kth if self.sought.k == 1 else self.kth(1)
        chosen = np.isfinite(kth) & (kth >= floor)
        chosen |= np.isin(self.identities, self.sought.elsewhere) & (best >= floor)
        chosen |= self._instead(kth, best, named)
        nearest = floors(kth, np.full(len(kth), self.error))
        kept = np.repeat(chosen, self.sizes) & (self.values >= np.repeat(nearest, self.sizes))
        kept |= self.values >= self._floor(self.values, self.sought.samples)
        kept[self._named] |= self.values[self._named] >= self._floor(self.values[self._named], self.sought.samples)
        return self.places[kept], floor

    @property
    def _named(self) -> slice:
        """The samples that have an identity: those without lie before."""
        named = np.append(self.starts[self.identities != NO_ID], len(self.values))
        return slice(int(named[0]), None)

    def _least(self, kth: Estimates) -> float:
        """What is sought among all lies above it."""
        samples = [self._floor(values, self.sought.samples) for values in (self.values, self.values[self._named])]
        return min(self._floor_of_identities(kth), *samples)

    def _floor_of_identities(self, kth: Estimates) -> float:
        real = kth[(self.identities != NO_ID) & np.isfinite(kth)]
        within = radius(np.array([self.error]), self.sought.reach)[0]
        return min(self._floor(real, self.sought.identities), float(within))

    def _instead(self, kth: Estimates, best: Estimates, named: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Where too few identities have k samples: those with the nearest of the others (c,)."""
        others = named & np.isneginf(kth)
        missing = min(self.sought.identities - int((named & ~others).sum()), int(others.sum()))
        return others & (best >= self._floor(best[others], max(missing, 0)))

    def _floor(self, values: Estimates, count: int) -> float:
        """What the estimates of the `count` nearest are above: of samples, or of identities by their k-th."""
        if not count:
            return np.inf
        return float(floors(np.array([_nth(values, count)]), np.array([self.error]))[0])


def _nth(values: Estimates, count: int) -> float:
    """The count-th largest, -inf where there are fewer."""
    return float(np.partition(values, -count)[-count]) if count <= len(values) else -np.inf
