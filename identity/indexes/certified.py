"""Search among many identities: a fast scan whose error is proven, and exact distances for all that it leaves.

The scan lists the vectors that look nearest; `core.scan_bounds` says how near at best the others are. Where that is
not far enough for what is sought, more of the best are listed, and in the end every vector is estimated in float32 and
scored wherever it can matter (`estimated`). So the answer is that of looking at every vector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import faiss
import numpy as np
from numpy.typing import NDArray

from identity.core.distance import all_products, cosine_distance, products_at
from identity.core.nearest import Nearest, Sought, join, rows_of_samples
from identity.core.scan_bounds import Errors, ScanBound, horizons, radius
from identity.core.types import Distances, Ids, Vectors
from identity.indexes.codes import Codes
from identity.indexes.estimated import Near, Slices
from identity.indexes.faiss_use import tuned_for, view_of
from identity.indexes.flat import Flat
from identity.indexes.limits import Holdings
from identity.indexes.slices import check_dimension

NOTHING = np.empty(0, np.int64)
BEST = (64, 512)  # so many are listed first, and then
MANY_PROBES = 8  # from so many on, a matrix product of the vectors is faster than a scan of the codes
PORTION_ESTIMATES = 1 << 24  # held at once


@dataclass(frozen=True)
class Certified:
    """Rows sorted by identity, searched through their codes, or as they are where there are none."""

    rows: Flat
    exact: faiss.IndexFlat  # over the same vectors
    bound: ScanBound  # of them
    codes: Codes | None = None

    @classmethod
    def over(cls, rows: Flat, codes: Codes | None = None) -> Certified:
        """A search of these rows, where they lie if FAISS has them already."""
        exact = rows.keeps
        if not isinstance(exact, faiss.IndexFlat):
            exact = faiss.IndexFlatIP(rows.vectors.shape[1])
            exact.add(np.ascontiguousarray(rows.vectors))
            rows = replace(rows, vectors=view_of(exact), keeps=exact)
        bound = ScanBound.of_vectors(rows.vectors) if codes is None else codes.bound
        return cls(rows, exact, bound, codes)

    def without(self, superseded: Ids) -> Certified:
        """The same index, in which these samples are never found."""
        return replace(self, rows=self.rows.without(superseded))

    @property
    def identities(self) -> Ids:
        """Identity ids (c,) of all that may be found, ascending."""
        return self.rows.identities

    def listed(self, sought: Sought) -> int:
        """Hardly more than are listed first, but all where too few identities have k samples."""
        return BEST[0] if self._holdings.has_enough(sought) else len(self.rows.slices)

    @cached_property
    def _holdings(self) -> Holdings:
        return Holdings.of(self.rows.slices, self.rows.counts)

    def search(self, probes: Vectors, *, sought: Sought) -> Nearest:
        """What is sought near each probe (n, dim): see `core.index_ports.Index`.

        Raises `SpaceMismatchError` where the probes have another dimension than the gallery.
        """
        check_dimension(probes, self.rows.vectors.shape[1])
        asked, limits = np.arange(len(probes), dtype=np.int64), np.full(len(probes), np.inf, np.float32)
        parts: list[Nearest] = []
        places: list[Ids] = []
        for look in self._looks(sought):
            found = look(probes[asked], sought.of(asked))
            limits = self._holdings.limits(found, sought.of(asked))
            sure = limits <= found.horizon
            parts.append(found.of(sure))
            places.append(asked[sure])
            asked, limits = asked[~sure], limits[~sure]
            if not len(asked) or not self._by_codes(probes[asked]):
                break  # estimating every vector costs no more than looking for more of the best
        if len(asked):
            parts.append(self._everything(probes[asked], limits, sought.of(asked)))
            places.append(asked)
        return join(parts, places)

    def own(self, probes: Vectors, identities: Ids, *, k: int) -> Distances:
        """Distances (n, k) of each probe to the k nearest samples of the one identity given with it; inf: none."""
        distances = np.full((len(probes), k), np.inf, np.float32)
        for identity in np.intersect1d(identities, self.rows.identities).tolist():
            asked = identities == identity
            own = cosine_distance(all_products(probes[asked], self.rows.of(identity)))
            width = min(k, own.shape[1])
            distances[asked, :width] = np.sort(own, axis=1)[:, :width]
        return distances

    def _looks(self, sought: Sought) -> Iterator[Callable[[Vectors, Sought], Nearest]]:
        """Ways to find all that is sought among few samples, fastest first."""
        if self._holdings.has_enough(sought):
            yield self._best
            yield self._better

    def _best(self, probes: Vectors, sought: Sought) -> Nearest:
        return self._top(probes, sought, BEST[0] if self._by_codes(probes) else (BEST[0] + 1) // 2)

    def _better(self, probes: Vectors, sought: Sought) -> Nearest:
        return self._top(probes, sought, BEST[1])

    def _top(self, probes: Vectors, sought: Sought, count: int) -> Nearest:
        """The vectors with the largest estimates."""
        n, count = len(probes), min(count, self.exact.ntotal)
        if not count:
            return self._scored(probes, NOTHING, NOTHING, sought, np.full(n, np.inf, np.float32))
        with tuned_for(n, self.exact.d):
            estimates, places, errors = self._scan(probes, count)
        horizon = horizons(estimates[:, -1], errors)
        if count == self.exact.ntotal:
            horizon[:] = np.inf
        real = places >= 0
        horizon[~real.all(axis=1)] = -np.inf
        return self._scored(probes, np.nonzero(real)[0], places[real], sought, horizon)

    def _by_codes(self, probes: Vectors) -> bool:
        return self.codes is not None and len(probes) < MANY_PROBES

    def _scan(self, probes: Vectors, count: int) -> tuple[NDArray[np.floating], Ids, Errors]:
        if self.codes is not None and self._by_codes(probes):
            return self.codes.nearest(probes, count)
        estimates, places = self.exact.search(np.ascontiguousarray(probes), count)
        return estimates, places, self.bound.errors(probes)

    def _everything(self, probes: Vectors, limits: Distances, sought: Sought) -> Nearest:
        """Every vector is estimated, what can matter scored; all of that lies within the limits."""
        errors, size = self.bound.errors(probes), max(1, PORTION_ESTIMATES // len(self.rows.ids))
        least, slices = radius(errors, limits), Slices(self.rows.slices, self.rows.bounds)
        of_probes, found, lowest = [NOTHING], [NOTHING], np.empty(len(probes), np.float32)
        for low in range(0, len(probes), size):
            estimates = probes[low : low + size] @ self.rows.vectors.T
            if self.rows.dead is not None:
                estimates[:, self.rows.dead] = -np.inf
            for probe, row in enumerate(estimates, start=low):
                near = Near.of(row, slices, sought.of(np.array([probe])), least[probe], float(errors[probe]))
                places, floor = near.that_matter()
                of_probes.append(np.full(len(places), probe))
                found.append(places)
                lowest[probe] = max(floor, least[probe])
        horizon = horizons(lowest, errors)
        return self._scored(probes, np.concatenate(of_probes), np.concatenate(found), sought, horizon)

    def _scored(self, probes: Vectors, of_probes: Ids, places: Ids, sought: Sought, horizon: Distances) -> Nearest:
        """Rows of the samples at some places (e,), each near one of the probes, exactly."""
        if self.rows.dead is not None:
            alive = ~self.rows.dead[places]
            of_probes, places = of_probes[alive], places[alive]
        distances = cosine_distance(products_at(probes, of_probes, self.rows.vectors, places))
        identities = self.rows.slices[np.searchsorted(self.rows.bounds, places, side="right") - 1]
        ids = self.rows.ids[places]
        return rows_of_samples(of_probes, identities, distances, ids, k=sought.width, horizon=horizon)
