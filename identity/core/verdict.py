"""From distances and thresholds to known, ambiguous or unknown, a whole batch at a time.

An identity is accepted where the distance to its k-th nearest sample is within its threshold. None accepted: unknown.
One: known. Several: the nearest, if it is clearly nearer than the next (`Calibration.ratio`), else ambiguous.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.core.calibration import Calibration, p_values
from identity.core.types import NO_ID, Candidate, Ids, Nearest, Verdict

Columns = NDArray[np.intp]  # places in `Decisions.identities`
VERDICTS = (Verdict.UNKNOWN, Verdict.AMBIGUOUS, Verdict.KNOWN)
COST_OF_WRONG = 10.0  # a wrong name is as bad as so many ambiguous answers


@dataclass(frozen=True, slots=True)
class Decisions:
    """Verdicts about n probes among c identities, in columns; `candidates` reads one of them as people do."""

    calibration: Calibration
    identities: Ids  # (c,)
    distances: NDArray[np.float32]  # (n, c) to the k-th nearest sample, inf where there are fewer
    nearest: NDArray[np.float32]  # (n, c) to the nearest sample
    thresholds: NDArray[np.float32]  # (c,)
    accepted: NDArray[np.bool_]  # (n, c)
    codes: NDArray[np.int8]  # (n,) places in VERDICTS
    best: Columns  # (n,) the identity meant: nearest of the accepted, else nearest of all

    def __len__(self) -> int:
        """How many probes were decided."""
        return len(self.codes)

    def verdict(self, probe: int) -> Verdict:
        """The verdict about one probe."""
        return VERDICTS[self.codes[probe]]

    @property
    def scores(self) -> NDArray[np.float32]:
        """How surely known each probe is (n,): the largest -s_c/T_c, continuous, -1 at the threshold itself."""
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = self.distances / self.thresholds
        scores: NDArray[np.float32] = -np.where(np.isfinite(relative), relative, np.inf).min(axis=1, initial=np.inf)
        return scores

    def p_value(self, column: int) -> NDArray[np.float64]:
        """Conformal p-values (n,) of one identity, which people read as typicality."""
        return p_values(self.calibration.typicality_scores(int(self.identities[column])), self.distances[:, column])

    def order(self, probe: int) -> Columns:
        """Columns as they matter for one probe: accepted ones first, nearest first."""
        return np.lexsort((self.nearest[probe], self.distances[probe], ~self.accepted[probe]))

    def candidate(self, probe: int, column: int, name: str) -> Candidate:
        """What the decision saw of one identity."""
        identity = int(self.identities[column])
        entry = self.calibration.of(identity)
        distance = self.distances[probe, column]
        return Candidate(
            identity=name,
            distance=float(distance),
            threshold=entry.threshold,
            p_value=float(p_values(self.calibration.typicality_scores(identity), distance[None])[0]),
            accepted=bool(self.accepted[probe, column]),
            enough=entry.enough,
        )


def decide(found: Nearest, calibration: Calibration) -> Decisions:
    """Verdicts for a search with k >= calibration.k; samples without an identity can never be accepted."""
    named = np.flatnonzero(found.identities != NO_ID)
    identities = found.identities[named]
    distances = found.distances[:, named, calibration.k - 1]
    thresholds = np.array([calibration.of(int(identity)).threshold for identity in identities], np.float32)
    accepted = (distances <= thresholds) & np.isfinite(distances) & np.isfinite(thresholds)
    best, codes = _choose(distances, accepted, calibration.ratio)
    nearest = found.distances[:, named, 0]
    return Decisions(calibration, identities, distances, nearest, thresholds, accepted, codes, best)


def _choose(
    distances: NDArray[np.float32], accepted: NDArray[np.bool_], ratio: float
) -> tuple[Columns, NDArray[np.int8]]:
    count = accepted.sum(axis=1)
    if not distances.shape[1]:
        return np.zeros(len(distances), np.intp), np.zeros(len(distances), np.int8)
    best = np.where(count > 0, np.where(accepted, distances, np.inf).argmin(axis=1), distances.argmin(axis=1))
    codes = np.select([count == 0, count == 1], [0, 2], default=1).astype(np.int8)
    several = np.flatnonzero(count > 1)
    if len(several):
        codes[several[_lead(distances[several], accepted[several]) < ratio]] = 2
    return best, codes


def _lead(distances: NDArray[np.float32], accepted: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Distance of the nearest accepted identity relative to the next accepted one's (n,), 0..1."""
    two = np.partition(np.where(accepted, distances, np.inf), 1, axis=1)[:, :2]
    lead: NDArray[np.float32] = two[:, 0] / np.maximum(two[:, 1], np.finfo(np.float32).tiny)
    return lead


def cheapest_ratio(
    distances: NDArray[np.float32], accepted: NDArray[np.bool_], truth: Columns, *, cost_of_wrong: float = COST_OF_WRONG
) -> float:
    """The ratio that costs least on probes (n, c) of which `truth` (n,) are the true columns: Chow's rule (1970).

    Leaving a probe ambiguous costs 1, calling it by a wrong name `cost_of_wrong`. Probes with one accepted identity
    cost the same whatever the ratio. Among equals the smallest ratio is taken: rather ambiguous than wrong.
    """
    several = accepted.sum(axis=1) > 1
    leads = _lead(distances[several], accepted[several]) if several.any() else np.empty(0, np.float32)
    wrong = (np.where(accepted, distances, np.inf).argmin(axis=1) != truth)[several]
    order = np.argsort(leads)
    ratios = np.append(np.unique(leads), np.float32(1))
    named = np.searchsorted(leads[order], ratios)  # how many are called by a name at each ratio
    misnamed = np.append(0, np.cumsum(wrong[order]))[named]
    return float(ratios[np.argmin(len(leads) - named + cost_of_wrong * misnamed)])
