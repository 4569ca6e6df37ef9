"""Reference points of a network, from photographs of people that somebody named: every pair of different people counts.

A point is kept where at least 30 false matches are expected at its rate (rule of 30, Doddington et al. 2000): the rate
of fewer is not known. Its interval is bootstrapped by person, since photographs of one person are alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from identity.core import person_bootstrap as bootstrap
from identity.core.pair_distances import LabelledFaces, count_pairs, nearest_strangers
from identity.core.rules.people_calibration import RULE_OF_30, pair_threshold

RATES = (1e-2, 1e-3, 1e-4, 1e-5)


@dataclass(frozen=True, slots=True)
class MeasuredPoint:
    """The largest distance within which at most a share `fmr` of all pairs lies, and what was seen there."""

    fmr: float
    distance: float
    rate: float  # observed
    interval: tuple[float, float]  # 95 % of the rate among other people
    expected: float  # false matches at `fmr`

    @property
    def kept(self) -> bool:
        """Whether pairs were enough for its rate."""
        return self.expected >= RULE_OF_30


@dataclass(frozen=True, slots=True)
class MeasuredPairs:
    """The points of a set of faces, and how many pairs of different people stand behind them."""

    pairs: int
    points: tuple[MeasuredPoint, ...]


def measure_points(faces: LabelledFaces, rng: np.random.Generator) -> MeasuredPairs:
    """A point for every rate of `RATES`, kept or not; intervals only of those that are kept."""
    histogram = count_pairs(faces).histogram
    pairs = int(histogram.sum())
    chosen = [pair_threshold(histogram, rate) for rate in RATES]
    limit = max((one.threshold for one in chosen if one.enough), default=0.0)
    near = nearest_strangers(faces, np.ones(len(faces.identities), np.float32), limit=limit) if limit else None
    points = []
    for rate, one in zip(RATES, chosen, strict=True):
        interval = (0.0, 1.0)
        if near is not None and one.enough:
            within = near.within(one.threshold)
            interval = bootstrap.pair_rates(within, faces.counts, rate=one.rate, rng=rng)
        points.append(MeasuredPoint(rate, one.threshold, one.rate, interval, pairs * rate))
    return MeasuredPairs(pairs, tuple(points))
