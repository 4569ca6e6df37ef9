"""What a calibration is: how far is too far, per identity, bound to its space and to the rule that made it.

Rules lie in `core/rules`, one file each; what only one of them knows stands in `Calibration.facts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from identity.core.types import Ids

Scores = NDArray[np.float32]  # sorted ascending

NEW_PAIR = 2  # people who are accepted when the next closest pair is: a new person and whom it resembles


class Facts(Protocol):
    """What one rule knows of its own thresholds."""

    @property
    def pools_scores(self) -> bool:
        """Whether an identity with too few scores of its own reads typicality from the gallery's pooled ones."""
        ...

    @property
    def remark(self) -> str:
        """What is said beside every single threshold, empty where it comes from the gallery's own samples."""
        ...


F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class ClassCalibration:
    """One identity's calibration scores (n,), ascending, and its threshold.

    `enough` is False where the rule wants more scores: then `threshold` is the gallery's pooled one, or leans on it.
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


class Basis(StrEnum):
    """What a threshold rests on that the gallery's own photographs did not give."""

    MEASURED = "measured"  # elsewhere, with the same network
    PUBLISHED = "published"  # recommended by who published the network
    CHOSEN = "chosen"  # by the person who asks


REMARKS = {
    Basis.MEASURED: "reference point of the network",
    Basis.PUBLISHED: "published recommendation, no stated error rate",
    Basis.CHOSEN: "chosen by you",
}
MEASURED_HERE = "'identity models measure'"  # who measured, where a person did it with this program


@dataclass(frozen=True, slots=True)
class Reference:
    """Who measured a network's reference point, on what; both are empty where nobody said.

    Of a published recommendation, `stated` is all that its publisher says.
    """

    measured_by: str = ""
    measured_on: str = ""
    basis: Basis = Basis.MEASURED
    stated: str = ""

    @property
    def origin(self) -> str:
        """Where the point comes from, in words."""
        if self.basis is not Basis.MEASURED:
            return REMARKS[self.basis] + (f" ({self.stated})" if self.stated else "")
        if not self.measured_by:
            return "not measured on your photographs; by whom and on what is not stated"
        elsewhere = "" if self.measured_by == MEASURED_HERE else ", not on your photographs"
        return f"measured by {self.measured_by} on {self.measured_on} with this network{elsewhere}"


@dataclass(frozen=True, slots=True)
class ChosenPoint:
    """A threshold chosen for an error rate, and what stands behind it.

    `rate` is what the n comparisons showed at it. Of pairs, `low` and `high` are its 95 % interval, bootstrapped by
    person. Of a search, `rate` is the share of people accepted, each left out in turn, `promised_rate` what new people
    have on average, and `low` to `high` where in 95 % of cases the rate of as many new people lies. What does not come
    from the gallery (`reference`) has none of these; of a search by reference points, `low` is the rate with one
    photograph of each person, and `high` the most that it can be with all there are.
    """

    target: float | None  # the error rate asked for, None where nobody knows one
    threshold: float
    rate: float
    low: float
    high: float
    n: int  # comparisons of different people
    people: int
    enough: bool  # rule of 30: at least 30 errors expected at the target; of a search, `promised_rate` is within it too
    reference: Reference | None = None  # where else it comes from; None: from the gallery itself
    asked: float | None = None  # of a reference point: the rate asked for, where `target` is the nearest there is

    @property
    def promised_rate(self) -> float:
        """Of a search: the rate that new people like these have at most, on average over galleries; also of a few."""
        return 1.0 if not self.people else min((self.rate * self.people + NEW_PAIR) / (self.people + 1), 1.0)


@dataclass(frozen=True)
class Calibration:
    """Thresholds of a gallery, bound to its space, to k and to the rule that made them."""

    space: str
    k: int
    rule: str  # a name in `core.rules.table.RULES`
    facts: Facts
    classes: Mapping[int, ClassCalibration]
    pooled: ClassCalibration
    ratio: float  # several accepted: the nearest is meant if its distance is below ratio * the next one's
    created_at: str = ""
    last_sample: int | None = None  # the newest gallery sample then; None where the rule's figures do not depend on it
    outdated: bool = False  # samples were added since, and the figures depend on it

    @property
    def stale(self) -> bool:
        """Whether any threshold speaks of samples that are no longer what they were."""
        return self.outdated or any(entry.stale for entry in self.classes.values())

    def of(self, identity: int) -> ClassCalibration:
        """The calibration of an identity; one enrolled since, or never calibrated, uses the pooled threshold."""
        return self.classes.get(identity) or replace(self.pooled, enough=False)

    def thresholds(self, identities: Ids) -> NDArray[np.float32]:
        """The thresholds of identities (m,)."""
        each, place = np.unique(identities, return_inverse=True)
        found = [self.classes.get(identity, self.pooled).threshold for identity in each.tolist()]
        return np.array(found, np.float32)[place]

    @cached_property
    def reach(self) -> float:
        """The largest finite threshold, as distances are compared with it: nothing beyond it is ever accepted."""
        every = np.array([self.pooled.threshold, *(entry.threshold for entry in self.classes.values())], np.float32)
        return float(every[np.isfinite(every)].max(initial=0))

    def typicality_scores(self, identity: int) -> Scores:
        """The scores that typicality is read from."""
        entry = self.of(identity)
        return self.pooled.scores if self.facts.pools_scores and not entry.enough else entry.scores

    def facts_as(self, kind: type[F]) -> F:
        """The facts, which are of this kind: only the rule that made them asks."""
        assert isinstance(self.facts, kind)
        return self.facts


def p_values(calibration_scores: Scores, scores: Scores) -> NDArray[np.float64]:
    """Conformal p-values (m,) of scores (m,): the share of calibration scores at least as far, itself included.

    NaN where there are no calibration scores.
    """
    if not len(calibration_scores):
        return np.full(np.shape(scores), np.nan)
    at_least = len(calibration_scores) - np.searchsorted(calibration_scores, scores, side="left")
    return np.asarray((1 + at_least) / (len(calibration_scores) + 1))
