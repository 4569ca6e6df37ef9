"""What a gallery says of its clustering where a person says nothing."""

from __future__ import annotations

from collections.abc import Mapping

from identity.clustering.algorithms import NO_RATES, MatchRates
from identity.core.calibration import Calibration
from identity.core.domain import domain_of
from identity.core.model import ModelManifest
from identity.core.rules.people_points import Targets, people_thresholds
from identity.core.rules.reference import threshold_at
from identity.workflows.cluster.run import Defaults


def defaults_of(model: ModelManifest | None, calibration: Calibration | None) -> Defaults:
    """Of a gallery's model and calibration; clustering wants no model, so one that is gone has neither."""
    return Defaults(domain_of(model).min_samples, own_rates(calibration) or _reference_rates(model))


def limits_of(
    model: ModelManifest | None, calibration: Calibration | None, names: Mapping[int, str]
) -> dict[str, float]:
    """The distance up to which two samples are one identity, by its name: of people, what `verify` calls the same.

    Empty where the gallery has no thresholds, and its network no reference points.
    """
    people = people_thresholds(calibration)
    if calibration is not None and people is None:
        return {name: calibration.of(identity).threshold for identity, name in names.items()}
    points = () if model is None else model.operating_points
    if people is None and not points:
        return {}
    chosen = people.verify if people is not None else threshold_at(points, Targets().fmr)
    return dict.fromkeys(names.values(), chosen.threshold)


def own_rates(calibration: Calibration | None) -> MatchRates | None:
    """False match rates that a gallery's own pairs showed, where there were enough of them (rule of 30)."""
    people = people_thresholds(calibration)
    if people is None:
        return None
    points = (people.verify, people.uncertain)
    if not all(point.enough and point.reference is None for point in points):
        return None
    return MatchRates([(point.rate, point.threshold) for point in points], "by the gallery's calibration")


def _reference_rates(model: ModelManifest | None) -> MatchRates:
    if model is None or not model.operating_points:
        return NO_RATES
    first = model.operating_points[0]
    origin = f"measured by {first.measured_by} on {first.measured_on}" if first.measured_by else "as the manifest says"
    return MatchRates([(point.fmr, point.distance) for point in model.operating_points], origin)
