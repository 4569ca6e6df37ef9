"""How far is too far for people, of whom a gallery has three photographs and not six hundred.

Two thresholds from the gallery's own pairs, leaving out what would flatter them (`pair_distances`): for a pair of faces
one at a false match rate (FMR), for a search one at a false positive identification rate (FPIR): every identity is left
out in turn, and its photographs ask as strangers. Each identity's own threshold is the pooled one times a scale: how
near strangers come to this identity (their mean distance less three standard deviations) relative to the others,
shrunk towards 1 by its number of samples. Rates count each person once in the search, each pair once in verification.

Rule of 30: Doddington et al., "The NIST speaker recognition evaluation", Speech Communication 31, 2000. FMR, FPIR as in
ISO/IEC 19795.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from identity.core import person_bootstrap as bootstrap
from identity.core.calibration import NEW_PAIR, Calibration, ChosenPoint, ClassCalibration
from identity.core.errors import NotCalibratedError
from identity.core.pair_distances import (
    BINS,
    LabelledFaces,
    NearestStrangers,
    PairCounts,
    count_pairs,
    nearest_strangers,
)
from identity.core.rules.people_points import (
    HALF_OWN,
    OWN_PAIRS,
    UNCERTAIN,
    PeopleThresholds,
    Targets,
    people_thresholds,
)
from identity.core.verdict import SMALLEST, cheapest_ratio

RULE_OF_30 = 30
FEWEST_ERRORS = 10  # expected at the target, for pairs of the gallery's own to decide rather than reference points
SPREADS = 3.0  # standard deviations below the mean distance of strangers, where thresholds lie
LARGEST_DISTANCE = 2.0
ROUNDING = 1e-6


def calibrate_people(
    faces: LabelledFaces,
    *,
    space: str,
    targets: Targets,
    given: Calibration | None = None,
    rng: np.random.Generator,
) -> Calibration:
    """Thresholds from the gallery's own faces; where they are too few, those `given` stand in for each.

    Raises `NotCalibratedError` where there are too few pairs and nothing is given.
    """
    stand_in = people_thresholds(given)
    if len(faces.identities) < 2:
        return _require_calibration(given, faces)
    first = count_pairs(faces)
    scales = _scales(first, faces.counts)
    verify, uncertain = (pair_threshold(first.histogram, rate) for rate in (targets.fmr, UNCERTAIN * targets.fmr))
    second = nearest_strangers(faces, scales, limit=max(verify.threshold, uncertain.threshold))
    verify, uncertain = (_with_interval(point, faces, second, rng) for point in (verify, uncertain))
    search = _search(faces, second, targets.fpir)
    if stand_in is not None:
        if verify.n * targets.fmr < FEWEST_ERRORS:
            verify, uncertain = stand_in.verify, stand_in.uncertain
        if _is_too_few(search):
            search, scales = stand_in.search, np.ones_like(scales)
    people = PeopleThresholds(verify, uncertain, search)
    if search.reference and verify.reference:
        return _require_calibration(given, faces)
    if _is_too_few(search) and search.reference is None:
        return _require_calibration(None, faces)
    return _assemble(faces, first, second, scales, people, space=space)


def _require_calibration(given: Calibration | None, faces: LabelledFaces) -> Calibration:
    if given is None:
        raise NotCalibratedError(
            f"{len(faces.who)} faces of {len(faces.identities)} people are too few to calibrate on, and the model has "
            f"no reference points: enroll at least {RULE_OF_30} people with several photographs each"
        )
    return given


def _is_too_few(search: ChosenPoint) -> bool:
    """Whether people are too few for a threshold of their own; from 30 on it stands, with the rate it can promise."""
    return search.reference is None and search.people < RULE_OF_30


def _scales(first: PairCounts, counts: NDArray[np.intp]) -> NDArray[np.float32]:
    """Each identity's threshold over the pooled one (c,): half its own at 30 samples, 9 % of its own at 3."""
    reach = np.maximum(first.centre - SPREADS * first.spread, ROUNDING)
    own = np.clip(reach / reach.mean(), 0.5, 2.0)
    return np.asarray((HALF_OWN + counts * own) / (HALF_OWN + counts), np.float32)


def pair_threshold(histogram: NDArray[np.int64], target: float) -> ChosenPoint:
    """The largest distance within which at most this share of the pairs of different people lies, to 0.0001."""
    below = np.append(0, np.cumsum(histogram))  # pairs nearer than each bin's lower edge
    n = int(below[-1])
    edge = int(np.searchsorted(below, target * n, side="right")) - 1
    threshold = max(edge * LARGEST_DISTANCE / BINS - ROUNDING, 0.0)
    rate = float(below[edge] / n) if n else 0.0
    return ChosenPoint(target, threshold, rate, 0.0, 1.0, n, 0, enough=n * target >= RULE_OF_30)


def _with_interval(
    point: ChosenPoint, faces: LabelledFaces, second: NearestStrangers, rng: np.random.Generator
) -> ChosenPoint:
    low, high = bootstrap.pair_rates(second.within(point.threshold), faces.counts, rate=point.rate, rng=rng)
    return replace(point, low=low, high=high, people=len(faces.identities))


def _search(faces: LabelledFaces, second: NearestStrangers, target: float) -> ChosenPoint:
    """The largest pooled threshold, in units of each identity's scale, at which the target holds for new people.

    With n people, of whom the share A_i of person i's photographs is accepted, a new person is accepted at a rate of
    at most (sum A_i + 2) / (n + 1) on average. Conformal risk control (Angelopoulos, Bates, Fisch, Lei & Schuster,
    ICLR 2024) would add 1, were the A_i independent of who comes next. But people resemble each other in pairs: the r
    closest pairs of n + 1 exchangeable people hold the new one with probability 2r / (n + 1), and who comes next adds
    a pair, so both its people. That is exact with one photograph each and no person whom many resemble; several
    photographs make it cautious. Where not even nobody reaches the target, nobody seen is accepted.
    """
    person = faces.who[faces.probes]
    order = np.argsort(second.relative, kind="stable")
    relative, person = second.relative[order], person[order]
    people = len(np.unique(person))
    shares = bootstrap.one_each(person)
    place = bootstrap.last_within(np.cumsum(shares), (target * (people + 1) - NEW_PAIR) / people)
    threshold = float(relative[place]) * (1 - ROUNDING) if place < len(relative) else LARGEST_DISTANCE
    place = int((relative <= threshold).sum())
    low, high = bootstrap.search_rates(person, accepted=place)
    n, rate = len(relative), float(shares[:place].sum())
    point = ChosenPoint(target, threshold, rate, low, high, n, people, enough=n * target >= RULE_OF_30)
    return replace(point, enough=point.enough and point.promised_rate <= target * (1 + ROUNDING))


def _assemble(
    faces: LabelledFaces,
    first: PairCounts,
    second: NearestStrangers,
    scales: NDArray[np.float32],
    people: PeopleThresholds,
    *,
    space: str,
) -> Calibration:
    threshold, counts, who = people.search.threshold, faces.counts, faces.who[faces.probes]
    enough = (counts >= RULE_OF_30).tolist()
    classes = {
        int(identity): ClassCalibration(
            _finite_ascending(first.mated[who == place]), float(threshold * scales[place]), enough=enough[place]
        )
        for place, identity in enumerate(faces.identities)
    }
    pooled = ClassCalibration(_finite_ascending(first.mated), threshold)
    ratio = _ratio(first.mated, second, scales[who], people.search)
    return Calibration(space, 1, OWN_PAIRS, people, classes, pooled, ratio=ratio)


def _finite_ascending(mated: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.sort(mated[np.isfinite(mated)])


def _ratio(
    mated: NDArray[np.float32], second: NearestStrangers, own_scale: NDArray[np.float32], search: ChosenPoint
) -> float:
    distances = np.stack([mated, second.nearest], axis=1)
    relative = np.stack([mated / own_scale, second.relative], axis=1)
    accepted = (relative <= search.threshold) & np.isfinite(distances)
    near, far = distances[accepted.all(axis=1)].T
    return cheapest_ratio(np.minimum(near, far) / np.maximum(np.maximum(near, far), SMALLEST), far < near)
