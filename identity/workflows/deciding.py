"""Search and decide for any number of probes: one moment of a gallery, asked in parts small enough for memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from identity.core.calibration import Calibration
from identity.core.index_ports import Index
from identity.core.nearest import Nearest, Sought
from identity.core.types import Ids, Vectors
from identity.core.verdict import Decisions, decide

CANDIDATES = 3  # identities shown with an answer
RESULT_CELLS = 4_000_000  # distances of one search held at once


@dataclass(frozen=True, slots=True)
class SearchContext:
    """What a search and a decision need, read once: all of the state of the gallery that `changes` counts."""

    index: Index
    calibration: Calibration
    names: Mapping[int, str]
    changes: int = 0

    def decisions(self, probes: Vectors, *, k: int = 1) -> Iterator[tuple[Nearest, Decisions]]:
        """Search and decide for vectors (n, dim), in order; k samples and a few identities are for showing."""
        sought = Sought(self.calibration.k, self.calibration.reach, identities=CANDIDATES, samples=k)
        for part in self._parts(len(probes), sought):
            found = self.index.search(probes[part], sought=sought)
            yield found, decide(found, self.calibration)

    def scored(
        self, probes: Vectors, *, k: int = 1, apart: Ids | None = None
    ) -> Iterator[tuple[Nearest, Decisions, NDArray[np.float32]]]:
        """The same with the scores (n,), for which is looked farther where a probe is near nobody.

        `apart` (n,): an identity for each probe that does not count in its score.
        """
        sought = Sought(self.calibration.k, self.calibration.reach, identities=CANDIDATES, samples=k)
        for part in self._parts(len(probes), sought):
            found = self.index.search(probes[part], sought=sought)
            without = None if apart is None else apart[part]
            decided = decide(found, self.calibration)
            yield found, decided, self._scores(probes[part], found, decided, without, sought)

    def _scores(
        self, probes: Vectors, found: Nearest, decided: Decisions, apart: Ids | None, sought: Sought
    ) -> NDArray[np.float32]:
        """Scores (n,): an identity beyond the horizon has at least s_c / T_c > horizon / reach."""
        scores = decided.scores(apart=apart)
        needed = np.nextafter(-scores.astype(np.float64) * sought.reach * (1 + 2**-20), np.inf)
        short = np.flatnonzero((found.horizon < needed) & np.isfinite(found.horizon))
        if len(short):
            farther = self.index.search(probes[short], sought=replace(sought, reach=needed[short]))
            scores[short] = decide(farther, self.calibration).scores(apart=None if apart is None else apart[short])
        return scores

    def _parts(self, n: int, sought: Sought) -> Iterator[slice]:
        size = max(1, RESULT_CELLS // (sought.width * max(1, self.index.listed(sought))))
        return (slice(low, low + size) for low in range(0, n, size))
