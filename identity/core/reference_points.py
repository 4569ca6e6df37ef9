"""What a network's publisher says of its distances, for galleries too small to know: thresholds between the points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import expm1, log, log1p

import numpy as np

from identity.core.calibration import Calibration, ChosenPoint, ClassCalibration, Method, PeopleThresholds
from identity.core.model import OperatingPoint

DOUBT = 10  # between the threshold and that of a false match rate this many times larger, a pair is uncertain
CAUTIOUS_RATIO = 0.8  # of several people accepted, the nearest is meant where the next is this much farther


def threshold_at(points: Sequence[OperatingPoint], fmr: float) -> ChosenPoint:
    """The distance with this false match rate: a straight line over log(fmr), never beyond the published points."""
    ordered = sorted(points, key=lambda point: point.fmr)
    rates = [log(point.fmr) for point in ordered]
    asked = min(max(log(fmr), rates[0]), rates[-1])
    distance = float(np.interp(asked, rates, [point.distance for point in ordered]))
    said = fmr if rates[0] <= log(fmr) <= rates[-1] else float(np.exp(asked))
    return ChosenPoint(said, distance, said, said, said, 0, 0, enough=False, published=True)


def search_at(points: Sequence[OperatingPoint], fpir: float, *, samples: int) -> ChosenPoint:
    """The distance at which a stranger meets any of `samples` faces with probability `fpir`, comparisons independent.

    Where the gallery is so large that no published point reaches that, the strictest one, with the FPIR it has.
    """
    each = -expm1(log1p(-fpir) / max(samples, 1))
    point = threshold_at(points, each)
    said = fpir if point.target == each else -expm1(max(samples, 1) * log1p(-point.target))
    return replace(point, target=said, rate=said, low=said, high=said)


def published(
    points: Sequence[OperatingPoint], *, space: str, samples: int, target_fmr: float, target_fpir: float
) -> Calibration:
    """Thresholds from a network's published operating points, for a gallery of `samples` faces."""
    people = PeopleThresholds(
        verify=threshold_at(points, target_fmr),
        doubt=threshold_at(points, DOUBT * target_fmr),
        search=search_at(points, target_fpir, samples=samples),
    )
    pooled = ClassCalibration(np.empty(0, np.float32), people.search.threshold, enough=False)
    return Calibration(space, 1, 0.0, Method.PUBLISHED, {}, pooled, ratio=CAUTIOUS_RATIO, people=people)
