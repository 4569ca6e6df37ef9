"""Search of a gallery that no index file is made of: its vectors are looked at where they are stored. Exact.

For one probe the database is asked for the vectors of the largest products; where these do not settle what is sought,
for every vector that can matter. The products of `core.scan_bounds` hold for it: it sums x.y in float32, in whatever
order, over vectors of unit length. What it lists is scored here. Many probes, and databases that cannot reckon, are
served by reading every vector, a portion at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from identity.core.distance import all_products, cosine_distance, products_at
from identity.core.index_ports import Ranked, StoredVectors
from identity.core.nearest import Nearest, Sought, join, merge, rows_of_samples
from identity.core.scan_bounds import ScanBound, horizons, radius
from identity.core.types import Distances, Ids, Vectors
from identity.indexes.certified import Certified
from identity.indexes.flat import Flat
from identity.indexes.limits import Holdings
from identity.indexes.slices import check_dimension

LISTED = (128, 2048)  # so many vectors are asked for first, and then
FEW_PROBES = 8  # so many are asked one by one: each costs a look at every vector, as all together do otherwise
MOST_LISTED = 100_000  # vectors that are fetched for one probe: where more can matter, all are read in portions
LONGEST = 1 + 2.0**-16  # a vector of unit length, as float32 has it


@dataclass(frozen=True)
class StoredIndex:
    """Implements the port `Index` over vectors where they are stored."""

    stored: StoredVectors

    @cached_property
    def _counts(self) -> tuple[Ids, Ids]:
        return self.stored.counts()

    @cached_property
    def _ranks(self) -> bool:
        return self.stored.ranks

    @property
    def identities(self) -> Ids:
        """Identity ids (c,) of all that may be found, ascending."""
        return self._counts[0]

    def listed(self, sought: Sought) -> int:
        """About as many as are listed first, but all where too few identities have k samples."""
        return LISTED[0] if self._holdings.has_enough(sought) else len(self.identities)

    @property
    def _holdings(self) -> Holdings:
        return Holdings.of(*self._counts)

    def search(self, probes: Vectors, *, sought: Sought) -> Nearest:
        """What is sought near each probe (n, dim): see `core.index_ports.Index`.

        Raises `SpaceMismatchError` where the probes have another dimension than the gallery, `GalleryChangedError`
        where somebody changed it since.
        """
        check_dimension(probes, self.stored.dim)
        if not 0 < len(probes) <= FEW_PROBES or not self._ranks:
            return self._read_through(probes, sought)
        each = [np.array([place]) for place in range(len(probes))]
        return join([self._ranked(probes[place], sought.of(place)) for place in each], each)

    def own(self, probes: Vectors, identities: Ids, *, k: int) -> Distances:
        """Distances (n, k) of each probe to the k nearest samples of the one identity given with it; inf: none."""
        distances = np.full((len(probes), k), np.inf, np.float32)
        for identity in np.intersect1d(identities, self.identities).tolist():
            asked = identities == identity
            own = cosine_distance(all_products(probes[asked], self.stored.of_identity(identity)))
            width = min(k, own.shape[1])
            distances[asked, :width] = np.sort(own, axis=1)[:, :width]
        return distances

    def _ranked(self, probe: Vectors, sought: Sought) -> Nearest:
        """What is sought near one probe (1, dim), by the database's own products."""
        for count in LISTED if self._holdings.has_enough(sought) else ():
            found = self._scored(probe, self.stored.nearest(probe, count=count), sought)
            limits = self._holdings.limits(found, sought)
            if limits[0] <= found.horizon[0]:
                return found
            if np.isfinite(limits[0]):
                least = float(radius(self._bound.errors(probe), limits)[0])
                near = self.stored.within(probe, least=least, most=MOST_LISTED)
                return self._read_through(probe, sought) if near is None else self._scored(probe, near, sought)
        return self._read_through(probe, sought)

    @property
    def _bound(self) -> ScanBound:
        return ScanBound(self.stored.dim, LONGEST)

    def _scored(self, probe: Vectors, ranked: Ranked, sought: Sought) -> Nearest:
        """Rows of the samples that the database listed, exactly."""
        found = ranked.labelled
        horizon = horizons(np.array([ranked.above]), self._bound.errors(probe))
        horizon[np.isneginf(ranked.above)] = np.inf  # these are all
        ones = np.zeros(len(found.ids), np.int64)
        distances = cosine_distance(products_at(probe, ones, found.vectors, np.arange(len(found.ids))))
        return rows_of_samples(ones, found.identities, distances, found.ids, k=sought.width, horizon=horizon)

    def _read_through(self, probes: Vectors, sought: Sought) -> Nearest:
        """What is sought, by an index in memory over each portion of the vectors in turn."""
        sought, width = replace(sought, elsewhere=self.identities), sought.width
        nothing = np.empty(0, np.int64)
        horizon = np.full(len(probes), np.inf, np.float32)
        found = rows_of_samples(nothing, nothing, np.empty(0, np.float32), nothing, k=width, horizon=horizon)
        for portion in self.stored.portions() if len(probes) else ():
            part = Certified.over(Flat.over(portion)).search(probes, sought=sought)
            found = merge([found, part], k=width)
        return found
