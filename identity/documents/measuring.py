"""The document `identity.models-measure/1`: a network's reference points, measured on what, and who follows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from identity.home import Home
    from identity.workflows.measure import Measurement


class MeasuredPointFields(TypedDict):
    """A distance at a false match rate; `kept` where at least 30 false matches are expected at it."""

    fmr: float
    distance: float
    observed: float
    interval: list[float] | None
    expected_errors: float
    kept: bool


class MeasureFields(TypedDict):
    """What was measured on what; `following` galleries decide by it now, `staying` ones by thresholds of their own.

    `superfluous`: the points that were there reach lower rates and are in force still.
    """

    model: str
    detector: str
    source: str
    people: int
    photographs: int
    without_face: int
    unnamed: int
    pairs: int
    measured_at: str
    superfluous: bool
    points: list[MeasuredPointFields]
    following: list[str]
    staying: list[str]


def measure_fields(model: str, made: Measurement, home: Home) -> MeasureFields:
    """The measurement, and the galleries of that model."""
    following, staying = _galleries(home, model)
    return {
        "model": model,
        "detector": made.detector,
        "source": made.source,
        "people": made.people,
        "photographs": made.photographs,
        "without_face": made.without_face,
        "unnamed": made.unnamed,
        "pairs": made.found.pairs,
        "measured_at": made.measured_at,
        "superfluous": made.superfluous,
        "points": [
            {
                "fmr": point.fmr,
                "distance": point.distance,
                "observed": point.rate,
                "interval": list(point.interval) if point.kept else None,
                "expected_errors": point.expected,
                "kept": point.kept,
            }
            for point in made.found.points
        ],
        "following": following,
        "staying": staying,
    }


def _galleries(home: Home, model: str) -> tuple[list[str], list[str]]:
    from identity.workflows.in_force import FOLLOWING

    found: tuple[list[str], list[str]] = [], []
    for gallery, _ in home.galleries():
        if gallery.model == model:
            thresholds = home.open_gallery(gallery.name).thresholds()
            found[thresholds is not None and thresholds.rule not in FOLLOWING].append(gallery.name)
    return found
