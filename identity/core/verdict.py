"""From distances and thresholds to known, ambiguous or unknown, a whole batch at a time.

An identity is accepted where the distance to its k-th nearest sample is within its threshold. None accepted: unknown.
One: known. Several: the nearest, if it is clearly nearer than the next (`Calibration.ratio`), else ambiguous.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice, repeat

import numpy as np
from numpy.typing import NDArray

from identity.core.answers import Candidate, Verdict
from identity.core.calibration import Calibration, p_values
from identity.core.nearest import Nearest, Rows, firsts, least
from identity.core.types import NO_ID, Ids

VERDICTS = (Verdict.UNKNOWN, Verdict.AMBIGUOUS, Verdict.KNOWN)
COST_OF_WRONG = 10.0  # a wrong name is as bad as so many ambiguous answers
NO_ROW = -1
SMALLEST = np.finfo(np.float32).tiny  # keeps a ratio of two distances of 0 from being NaN


@dataclass(frozen=True, slots=True)
class Decisions:
    """Verdicts about n probes, and the m rows behind them, of one probe and one identity each, as they were found."""

    calibration: Calibration
    offsets: Ids  # (n + 1,) rows of probe i: offsets[i] to offsets[i + 1]
    probes: Ids  # (m,) the probe of each row
    identities: Ids  # (m,)
    distances: NDArray[np.float32]  # (m,) to the k-th nearest sample, inf where there are fewer
    nearest: NDArray[np.float32]  # (m,) to the nearest sample
    thresholds: NDArray[np.float32]  # (m,)
    accepted: NDArray[np.bool_]  # (m,)
    ranked: Rows  # (m,) rows of one probe after another: accepted ones first, nearest first
    codes: NDArray[np.int8]  # (n,) places in VERDICTS
    lead: NDArray[np.float32]  # (n,) distance of the nearest accepted relative to the next, NaN where there is none

    def __len__(self) -> int:
        """How many probes were decided."""
        return len(self.codes)

    def verdict(self, probe: int) -> Verdict:
        """The verdict about one probe."""
        return VERDICTS[self.codes[probe]]

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdict about each probe."""
        return [VERDICTS[code] for code in self.codes.tolist()]

    @property
    def best(self) -> Rows:
        """The row of the identity meant (n,): nearest of the accepted, else nearest of all; NO_ROW without any."""
        some = np.diff(self.offsets) > 0
        best = np.full(len(self), NO_ROW, np.intp)
        best[some] = self.ranked[self.offsets[:-1][some]]
        return best

    def scores(self, *, apart: Ids | None = None) -> NDArray[np.float32]:
        """How surely known each probe is (n,): the largest -s_c/T_c, continuous, -1 at the threshold itself.

        `apart` (n,): an identity for each probe that does not count.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = self.distances / self.thresholds
        counts = np.isfinite(relative)
        if apart is not None:
            counts &= self.identities != apart[self.probes]
        return -least(np.where(counts, relative, np.float32(np.inf)), self.offsets)

    def p_values(self, rows: Rows) -> NDArray[np.float64]:
        """Conformal p-values of some rows, which people read as typicality."""
        found, identities = np.empty(len(rows)), self.identities[rows]
        order = np.argsort(identities, kind="stable")
        for of_it in np.split(order, np.flatnonzero(np.diff(identities[order])) + 1) if len(rows) else ():
            scores = self.calibration.typicality_scores(int(identities[of_it[0]]))
            found[of_it] = p_values(scores, self.distances[rows[of_it]])
        return found

    def order(self, probe: int) -> Rows:
        """Rows as they matter for one probe: accepted ones first, nearest first."""
        return self.ranked[self.offsets[probe] : self.offsets[probe + 1]]

    def candidates(self, names: Mapping[int, str], *, count: int) -> list[tuple[Candidate, ...]]:
        """What the decision saw of the first identities in order, at most `count` of each probe, with p-values."""
        places, probes, _ = firsts(self.probes, n=len(self), k=count)
        rows = self.ranked[places]
        identities = self.identities[rows].tolist()
        entries = {identity: self.calibration.of(identity) for identity in set(identities)}
        seen = map(
            Candidate,
            [names[identity] for identity in identities],
            self.distances[rows].tolist(),
            [entries[identity].threshold for identity in identities],
            self.p_values(rows).tolist(),
            self.accepted[rows].tolist(),
            [entries[identity].enough for identity in identities],
            repeat(self.calibration.facts.remark),
        )
        return [tuple(islice(seen, size)) for size in np.bincount(probes, minlength=len(self)).tolist()]


def decide(found: Nearest, calibration: Calibration) -> Decisions:
    """Verdicts for a search with k >= calibration.k; samples without an identity can never be accepted."""
    found = found if (found.identities != NO_ID).all() else found.named()
    probes = found.probes
    distances, nearest = found.distances[:, calibration.k - 1], found.distances[:, 0]
    thresholds = calibration.thresholds(found.identities)
    accepted = (distances <= thresholds) & np.isfinite(distances) & np.isfinite(thresholds)
    ranked = np.lexsort((nearest, distances, ~accepted, probes))  # stable: of equals the lower identity is first
    lead, codes = _choose(distances, accepted, ranked, probes, calibration.ratio, n=len(found))
    return Decisions(
        calibration, found.offsets, probes, found.identities, distances, nearest, thresholds, accepted, ranked,
        codes, lead,
    )  # fmt: skip


def _choose(
    distances: NDArray[np.float32], accepted: NDArray[np.bool_], ranked: Rows, probes: Ids, ratio: float, *, n: int
) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """The lead of each probe's nearest accepted identity, and its verdict."""
    count = np.bincount(probes[accepted], minlength=n)
    first = ranked[accepted[ranked]]
    places, probe, rank = firsts(probes[first], n=n, k=2)
    two = np.full((n, 2), np.inf, np.float32)
    two[probe, rank] = distances[first[places]]
    lead = np.full(n, np.nan, np.float32)
    several = two[count > 1]
    lead[count > 1] = several[:, 0] / np.maximum(several[:, 1], SMALLEST)
    codes = np.select([count == 0, (count == 1) | (lead < ratio)], [0, 2], default=1).astype(np.int8)
    return lead, codes


def cheapest_ratio(
    leads: NDArray[np.float32], wrong: NDArray[np.bool_], *, cost_of_wrong: float = COST_OF_WRONG
) -> float:
    """The ratio that costs least on probes with several accepted identities: Chow's rule (1970).

    `leads` (n,) are their `Decisions.lead`, `wrong` (n,) whether the nearest accepted identity is another than the
    true one. Leaving a probe ambiguous costs 1, calling it by a wrong name `cost_of_wrong`. Probes with one accepted
    identity cost the same whatever the ratio. Among equals the smallest ratio is taken: rather ambiguous than wrong.
    """
    order = np.argsort(leads)
    ratios = np.append(np.unique(leads), np.float32(1))
    named = np.searchsorted(leads[order], ratios)  # how many are called by a name at each ratio
    misnamed = np.append(0, np.cumsum(wrong[order]))[named]
    return float(ratios[np.argmin(len(leads) - named + cost_of_wrong * misnamed)])
