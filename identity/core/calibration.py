"""How far is too far, per identity, and with what promise: class-conditional split-conformal thresholds.

Method: Mondrian conformal prediction (Vovk, Gammerman, Shafer, "Algorithmic Learning in a Random World", 2005).
With the score s_c(x), the distance from x to its k-th nearest sample of identity c, and n_c calibration scores
of c, the threshold T_c is the ceil((n_c + 1)(1 - alpha))-th smallest of them. Then, averaged over calibration
draws and for probes exchangeable with the calibration images, c is refused on its own with probability <= alpha.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil

import numpy as np
from numpy.typing import NDArray

from identity.core.errors import UsageError

Scores = NDArray[np.float32]  # sorted ascending

NEW_PAIR = 2  # people who are accepted when the next closest pair is: a new person and whom it resembles


class Method(StrEnum):
    """Which promise a calibration carries."""

    CONFORMAL = "mondrian-conformal"
    TARGET_FAR = "target-far"
    OWN_PAIRS = "own pairs, leave one out"
    PUBLISHED = "published, not calibrated here"  # stored in databases; a reference point, whoever measured it


@dataclass(frozen=True, slots=True)
class ClassCalibration:
    """One identity's calibration scores (n,), ascending, and its threshold.

    `enough` is False where n < 1/alpha - 1: then `threshold` is the gallery's pooled one.
    `stale` is set when samples of the identity were removed or relabelled since.
    """

    scores: Scores
    threshold: float
    enough: bool = True
    stale: bool = False

    @property
    def n(self) -> int:
        """How many calibration samples stand behind the threshold."""
        return len(self.scores)


@dataclass(frozen=True, slots=True)
class ChosenPoint:
    """A threshold chosen for an error rate, and what stands behind it.

    `rate` is what the n comparisons showed at it. Of pairs, `low` and `high` are its 95 % interval, bootstrapped by
    person. Of a search, `rate` is the share of people accepted, each left out in turn, `promised` what new people have
    on average, and `low` to `high` where in 95 % of cases the rate of as many new people lies. A reference point of
    the network (`published`) has none of these.
    """

    target: float  # the error rate asked for
    threshold: float
    rate: float
    low: float
    high: float
    n: int  # comparisons of different people
    people: int
    enough: bool  # rule of 30: at least 30 errors expected at the target; of a search, `promised` is within it as well
    published: bool = False

    @property
    def promised(self) -> float:
        """Of a search: the rate that new people like these have at most, on average over galleries; also of a few."""
        return 1.0 if not self.people else min((self.rate * self.people + NEW_PAIR) / (self.people + 1), 1.0)


@dataclass(frozen=True, slots=True)
class PeopleThresholds:
    """The three points that decide about people: two for a pair of faces, one for a search through the gallery."""

    verify: ChosenPoint  # a false match rate: up to here two faces are the same person
    doubt: ChosenPoint  # a looser one: beyond it they are different people
    search: ChosenPoint  # a false positive identification rate at the gallery's size
    last_sample: int = 0  # the newest sample that was compared
    outdated: bool = False  # samples were added since


@dataclass(frozen=True, slots=True)
class Calibration:
    """Thresholds of a gallery, bound to its space, to k and to alpha (0 where nothing is promised of it)."""

    space: str
    k: int
    alpha: float
    method: Method
    classes: Mapping[int, ClassCalibration]
    pooled: ClassCalibration
    ratio: float  # several accepted: the nearest is meant if its distance is below ratio * the next one's
    created_at: str = ""
    far_bound: float | None = None  # target_far only: one-sided 95 % upper bound of the share accepted
    fnmr: float | None = None  # target_far only: share of the calibration samples refused for it
    people: PeopleThresholds | None = None

    @property
    def stale(self) -> bool:
        """Whether any threshold speaks of samples that are no longer what they were."""
        outdated = self.people is not None and self.people.outdated
        return outdated or any(entry.stale for entry in self.classes.values())

    def of(self, identity: int) -> ClassCalibration:
        """The calibration of an identity; one enrolled since, or never calibrated, uses the pooled threshold."""
        return self.classes.get(identity) or replace(self.pooled, enough=False)

    def typical(self, identity: int) -> Scores:
        """The scores that typicality is read from: a person's few photographs say too little by themselves."""
        entry = self.of(identity)
        return self.pooled.scores if self.people is not None and not entry.enough else entry.scores


def conformal_threshold(scores: Scores, alpha: float) -> float | None:
    """The ceil((n + 1)(1 - alpha))-th smallest of ascending scores (n,), None where n is too small for alpha."""
    rank = ceil(round((len(scores) + 1) * (1 - alpha), 9))
    return float(scores[rank - 1]) if 1 <= rank <= len(scores) else None


def p_values(calibration_scores: Scores, scores: Scores) -> NDArray[np.float64]:
    """Conformal p-values (m,) of scores (m,): the share of calibration scores at least as far, itself included.

    NaN where there are no calibration scores.
    """
    if not len(calibration_scores):
        return np.full(np.shape(scores), np.nan)
    at_least = len(calibration_scores) - np.searchsorted(calibration_scores, scores, side="left")
    return np.asarray((1 + at_least) / (len(calibration_scores) + 1))


def calibrate(
    scores: Mapping[int, NDArray[np.float32]], *, space: str, k: int, alpha: float, created_at: str = ""
) -> Calibration:
    """Thresholds from each identity's own calibration scores (n_c,), its distances to its k-th nearest sample.

    Infinite scores (fewer than k samples enrolled) stay infinite: such an identity is never accepted.
    Raises `UsageError` for an alpha outside 0..1 and where no identity has a calibration sample.
    """
    if not 0 < alpha < 1:
        raise UsageError(f"--alpha must be between 0 and 1, got {alpha:g}")
    ordered = {identity: np.sort(values) for identity, values in scores.items()}
    pooled_scores = np.sort(np.concatenate(list(ordered.values()))) if ordered else np.empty(0, np.float32)
    pooled_threshold = conformal_threshold(pooled_scores, alpha)
    if pooled_threshold is None:
        raise UsageError(
            f"{len(pooled_scores)} calibration samples are too few for alpha {alpha:g}: enroll at least "
            f"{ceil(1 / alpha) - 1} with --calibration-fraction, or ask for a larger --alpha"
        )
    pooled = ClassCalibration(pooled_scores, pooled_threshold)
    classes = {identity: _of_class(values, alpha, pooled) for identity, values in ordered.items()}
    return Calibration(space, k, alpha, Method.CONFORMAL, classes, pooled, ratio=1.0, created_at=created_at)


def _of_class(scores: Scores, alpha: float, pooled: ClassCalibration) -> ClassCalibration:
    threshold = conformal_threshold(scores, alpha)
    if threshold is None:
        return ClassCalibration(scores, pooled.threshold, enough=False)
    return ClassCalibration(scores, threshold)


def lowered(calibration: Calibration, factor: float) -> Calibration:
    """The same calibration with every threshold multiplied by `factor` (0..1), as `target_far` needs it."""
    classes = {
        identity: replace(entry, threshold=entry.threshold * factor)
        for identity, entry in calibration.classes.items()
    }
    pooled = replace(calibration.pooled, threshold=calibration.pooled.threshold * factor)
    return replace(calibration, method=Method.TARGET_FAR, classes=classes, pooled=pooled)
