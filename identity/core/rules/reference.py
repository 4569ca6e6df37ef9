"""Thresholds between a network's reference points, for galleries too small to know better or never calibrated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import expm1, log, log1p

import numpy as np

from identity.core.calibration import Calibration, ChosenPoint, ClassCalibration, Reference
from identity.core.errors import NotCalibratedError
from identity.core.model import OperatingPoint
from identity.core.rules.people_points import UNCERTAIN, PeopleRule, PeopleThresholds, Targets
from identity.core.rules.rule import Evidence, RuleOptions

NAME = "reference"
CAUTIOUS_RATIO = 0.8  # of several people accepted, the nearest is meant where the next is this much farther


class FromReference(PeopleRule):
    """The rule that needs no photograph of the gallery."""

    name = NAME

    def calibrate(self, evidence: Evidence, options: RuleOptions) -> Calibration:
        """Thresholds from the reference points. Raises `NotCalibratedError` where the network has none."""
        if not evidence.points:
            raise NotCalibratedError(
                f"the network of gallery '{evidence.gallery}' has no reference points: give another --rule"
            )
        targets = Targets.of(options)
        return reference_calibration(evidence.points, space=evidence.space, samples=evidence.samples, targets=targets)


def reference_calibration(
    points: Sequence[OperatingPoint], *, space: str, samples: int, targets: Targets
) -> Calibration:
    """Thresholds from a network's reference points, for a gallery of `samples` faces."""
    people = PeopleThresholds(
        verify=threshold_at(points, targets.fmr),
        uncertain=threshold_at(points, UNCERTAIN * targets.fmr),
        search=search_at(points, targets.fpir, samples=samples),
    )
    pooled = ClassCalibration(np.empty(0, np.float32), people.search.threshold, enough=False)
    return Calibration(space, 1, NAME, people, {}, pooled, ratio=CAUTIOUS_RATIO)


def threshold_at(points: Sequence[OperatingPoint], fmr: float) -> ChosenPoint:
    """The distance with this false match rate: a straight line over log(fmr), never beyond the points given."""
    ordered = sorted(points, key=lambda point: point.fmr)
    rates = [log(point.fmr) for point in ordered]
    asked = min(max(log(fmr), rates[0]), rates[-1])
    distance = float(np.interp(asked, rates, [point.distance for point in ordered]))
    said = fmr if rates[0] <= log(fmr) <= rates[-1] else float(np.exp(asked))
    reference = Reference(ordered[0].measured_by, ordered[0].measured_on)
    return ChosenPoint(said, distance, said, said, said, 0, 0, enough=False, reference=reference)


def search_at(points: Sequence[OperatingPoint], fpir: float, *, samples: int) -> ChosenPoint:
    """The distance at which a stranger meets any of `samples` faces with probability `fpir`, comparisons independent.

    Where the gallery is so large that no point reaches that, the strictest one, with the FPIR it has.
    """
    each = -expm1(log1p(-fpir) / max(samples, 1))
    point = threshold_at(points, each)
    said = fpir if point.target == each else -expm1(max(samples, 1) * log1p(-point.target))
    return replace(point, target=said, rate=said, low=said, high=said)
