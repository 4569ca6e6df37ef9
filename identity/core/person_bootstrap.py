"""Intervals of error rates among people: whole people are drawn, never single photographs or pairs.

Photographs of one person are alike, and every person takes part in many pairs: an interval that takes them for
independent is far too narrow. Efron & Tibshirani, "An Introduction to the Bootstrap", 1993; drawn by person as in
Bolle, Ratha & Pankanti, "Error analysis of pattern recognition systems: the subsets bootstrap", CVIU 93, 2004.
For a search the bootstrap was too short, since people are accepted in pairs: its interval is computed instead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DRAWS = 1000
LEVELS = (2.5, 97.5)
PART_CELLS = 2**21
DRAWS_AT_ONCE = 100
SEEN_BEYOND = 5  # people beyond those accepted, who say how many photographs of a person are


def one_each(person: NDArray[np.intp]) -> NDArray[np.float64]:
    """Weights (n,) of probes that add up to 1 and give every person the same share."""
    counts = np.bincount(person)
    return 1 / counts[person] / np.count_nonzero(counts)


def last_within(cumulated: NDArray[np.float64], target: float) -> int:
    """How many of the probes, nearest first, may be accepted so that their share stays within the target."""
    return int(np.searchsorted(cumulated, target * (1 + 1e-9), side="right"))


def search_rates(person: NDArray[np.intp], *, accepted: int) -> tuple[float, float]:
    """Where the rate of as many new people lies in 95 % of cases, at a threshold that accepts the first of these.

    `person` (n,) is whose photograph each probe is, the nearest to being accepted first. Thresholds lie just below the
    r-th closest pair of people, so the number of pairs expected there is a Gamma(r) variable; new people meet each of
    the others, so twice as many of them are accepted: Poisson(2 Gamma(r)), a negative binomial variable. With several
    photographs, an accepted person counts with the share of its photographs that is.
    """
    _, person = np.unique(person, return_inverse=True)
    shares = 1 / np.bincount(person)[person]
    seen = float(shares[:accepted].sum())
    size = _usual_share(person, shares, people=seen + SEEN_BEYOND)
    bounds = [many * size / (person.max() + 1) for many in _new_people(seen / size / 2 + 1)]
    return min(bounds[0], 1.0), min(bounds[1], 1.0)


def _usual_share(person: NDArray[np.intp], shares: NDArray[np.float64], *, people: float) -> float:
    """The share of photographs that is accepted of an accepted person, weighted by it, among the nearest people."""
    nearest = int(np.searchsorted(np.cumsum(shares), people)) + 1
    found = np.bincount(person[:nearest], shares[:nearest])
    return float((found**2).sum() / found.sum())


def _new_people(pairs: float) -> list[int]:
    """The 95 % interval of a Poisson variable whose mean is twice a Gamma variable of shape `pairs`."""
    most = int(2 * pairs + 20 * (pairs + 1) ** 0.5 + 30)  # mean and standard deviation of it: 2r, sqrt(6r)
    k = np.arange(1, most)
    logarithms = np.append(0, np.cumsum(np.log((k - 1 + pairs) / k * 2 / 3))) - pairs * np.log(3)
    return [int(place) for place in np.searchsorted(np.cumsum(np.exp(logarithms)), np.array(LEVELS) / 100)]


def pair_rates(
    pairs: NDArray[np.int64], counts: NDArray[np.intp], *, rate: float, rng: np.random.Generator
) -> tuple[float, float]:
    """The 95 % interval of a share of pairs of different people.

    `pairs` (m, 3) are two people and how many of their pairs count, `counts` (c,) the photographs of each person. A
    person drawn twice makes no pair with itself.
    """
    if rate <= 0 or not len(pairs):
        return 0.0, min(3.0 / max(len(counts) // 2, 1), 1.0)  # rule of three, one pair per two people
    ones = np.ones((1, len(counts)))
    usual = _pair_counts(ones, pairs)[0] / _pairs_possible(ones, counts)[0]
    rates = []
    for low in range(0, DRAWS, part := max(1, min(DRAWS_AT_ONCE, PART_CELLS // len(counts)))):
        weights = _draw_people(len(counts), len(counts), min(part, DRAWS - low), rng)
        rates.append(_pair_counts(weights, pairs) / np.maximum(_pairs_possible(weights, counts), 1))
    bounds = np.percentile(np.concatenate(rates) / usual * rate, LEVELS)
    return float(bounds[0]), float(bounds[1])


def _draw_people(draws: int, people: int, size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """How often each of `people` is drawn (size, people) in as many `draws`, with replacement."""
    return rng.multinomial(draws, np.full(people, 1 / people), size=size).astype(np.float64)


def _pair_counts(weights: NDArray[np.float64], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """How many pairs count in each draw (size,): sums of whole numbers, so exact whatever the order."""
    by_person, counted = np.ascontiguousarray(weights.T), np.zeros(len(weights))
    for low in range(0, len(pairs), size := max(1, PART_CELLS // (16 * len(weights)))):
        one, other, times = pairs[low : low + size].T
        counted += times @ (by_person[one] * by_person[other])
    return counted


def _pairs_possible(weights: NDArray[np.float64], counts: NDArray[np.intp]) -> NDArray[np.float64]:
    weighted = weights * counts
    return np.asarray((weighted.sum(axis=1) ** 2 - (weighted**2).sum(axis=1)) / 2)
