"""Thresholds between a network's reference points, for galleries too small to know better or never calibrated.

They follow the number of people: another photograph of somebody who is enrolled does not move them. What that costs is
bounded, and said. With P people and N photographs, and comparisons with different people independent, a stranger is
accepted with probability 1 - (1 - FMR)^P where everybody has one photograph, or the photographs of a person are so
alike that they count as one; with all photographs it is 1 - (1 - FMR)^N at most, which they have were they independent
too (less where those of a person are alike). Measured on LFW it lies between (docs/thresholds.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import expm1, log, log1p

import numpy as np

from identity.core.calibration import Calibration, ChosenPoint, ClassCalibration, Reference
from identity.core.errors import NotCalibratedError
from identity.core.model import OperatingPoint
from identity.core.rules.people_points import UNCERTAIN, PeopleRule, PeopleThresholds, Targets
from identity.core.rules.rule import Evidence, RuleOptions

NAME = "reference"
CAUTIOUS_RATIO = 0.8  # of several people accepted, the nearest is meant where the next is this much farther


@dataclass(frozen=True, slots=True)
class Enrolled:
    """How many people a search meets, and how many photographs of them."""

    people: int
    photographs: int


class FromReference(PeopleRule):
    """The rule that needs no photograph of the gallery."""

    name = NAME
    about = "Points that somebody measured with this network on other photographs. Nothing is promised about yours."

    def calibrate(self, evidence: Evidence, options: RuleOptions) -> Calibration:
        """Thresholds from the reference points. Raises `NotCalibratedError` where the network has none."""
        if not evidence.points:
            raise NotCalibratedError(
                f"the network of gallery '{evidence.gallery}' has no reference points: give another --rule, or measure "
                "them with 'identity models measure'"
            )
        whom, targets = enrolled(evidence), Targets.of(options)
        return reference_calibration(evidence.points, space=evidence.space, enrolled=whom, targets=targets)


def enrolled(evidence: Evidence) -> Enrolled:
    """Whom a search through the gallery meets."""
    return Enrolled(evidence.people, evidence.photographs_of_people)


def reference_calibration(
    points: Sequence[OperatingPoint], *, space: str, enrolled: Enrolled, targets: Targets
) -> Calibration:
    """Thresholds from a network's reference points; a search calls nobody known whom a pair would leave uncertain."""
    people = PeopleThresholds(
        verify=threshold_at(points, targets.fmr),
        uncertain=threshold_at(points, UNCERTAIN * targets.fmr),
        search=search_at(points, targets.fpir, enrolled=enrolled, most=targets.fmr),
    )
    return one_for_all(NAME, people, space=space)


def one_for_all(rule: str, people: PeopleThresholds, *, space: str) -> Calibration:
    """A calibration that decides about everybody by the same distance, the nearest photograph counting."""
    pooled = ClassCalibration(np.empty(0, np.float32), people.search.threshold, enough=False)
    return Calibration(space, 1, rule, people, {}, pooled, ratio=CAUTIOUS_RATIO)


def threshold_at(points: Sequence[OperatingPoint], fmr: float) -> ChosenPoint:
    """The distance with this false match rate: a straight line over log(fmr), never beyond the points given."""
    ordered = sorted(points, key=lambda point: point.fmr)
    rates = [log(point.fmr) for point in ordered]
    nearest = min(max(log(fmr), rates[0]), rates[-1])
    distance = float(np.interp(nearest, rates, [point.distance for point in ordered]))
    said = fmr if rates[0] <= log(fmr) <= rates[-1] else float(np.exp(nearest))
    reference = Reference(ordered[0].measured_by, ordered[0].measured_on)
    return ChosenPoint(said, distance, said, said, said, 0, 0, enough=False, reference=reference, asked=fmr)


def search_at(points: Sequence[OperatingPoint], fpir: float, *, enrolled: Enrolled, most: float) -> ChosenPoint:
    """The distance at which a stranger meets any of so many people, one photograph each, with probability `fpir`.

    `most` is the largest false match rate of a pair: so few people that more would do have a lower FPIR. Where the
    gallery is so large that no point reaches `fpir`, it is the strictest one, with the FPIR it has. `high` is what the
    rate can be at most with all photographs.
    """
    people = max(enrolled.people, 1)
    each = min(-expm1(log1p(-fpir) / people), most)
    point = threshold_at(points, each)
    said = min(fpir, _any_of(people, each)) if point.target == each else _any_of(people, point.rate)
    high = max(_any_of(enrolled.photographs, point.rate), said)
    return replace(point, target=said, rate=said, low=said, high=high, asked=fpir)


def _any_of(count: int, fmr: float) -> float:
    """The probability that any of so many independent comparisons is a false match."""
    return -expm1(count * log1p(-fmr))
