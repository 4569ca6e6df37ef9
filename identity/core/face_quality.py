"""How good a face is for recognition, 0 to 1: as good as the worst of its four sides, which is said in words.

Each side has a limit, which counts 0.5, and a value from which nothing is missing, which counts 1. No limit comes from
names: docs/clustering.md says how each was chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

POOR = 0.5  # below it a face found no cluster


class Flaw(StrEnum):
    """What a face lacks most."""

    SMALL = "small"
    BLURRED = "blurred"
    TURNED = "turned away"
    UNSURE = "detector unsure"


@dataclass(frozen=True, slots=True)
class FaceMeasures:
    """What enrolment measures of a face beside the detector's score.

    `eyes_px` are pixels of the photograph from eye to eye, as if it looked into the camera, `sharpness` is that of the
    aligned face, and `frontal` says where the nose lies: 1 is midway between the eyes and midway from eyes to mouth,
    0 is at one of them, less is beyond.
    """

    eyes_px: float
    sharpness: float
    frontal: float


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """A face's quality, 0 to 1, and its worst side: the kind of flaw and, in words, how bad it is."""

    value: float
    flaw: Flaw
    reason: str

    @property
    def is_poor(self) -> bool:
        """Whether a side is beyond its limit."""
        return self.value < POOR


@dataclass(frozen=True, slots=True)
class _Side:
    nothing: float
    limit: float
    enough: float
    said: str

    def value(self, measured: float) -> float:
        """0 at nothing, 0.5 at the limit, 1 where it is enough; in straight lines between them."""
        if measured >= self.limit:
            return min(1.0, 0.5 + 0.5 * (measured - self.limit) / (self.enough - self.limit))
        return max(0.0, 0.5 * (measured - self.nothing) / (self.limit - self.nothing))


_SIDES = {
    Flaw.SMALL: _Side(0, 12, 40, "{:.0f} pixels from eye to eye"),
    Flaw.BLURRED: _Side(0, 0.002, 0.02, "sharpness {:.4f}"),
    Flaw.TURNED: _Side(-1, 0, 0.8, "{:.2f}, where 1 looks into the camera and 0 has the nose over an eye"),
    Flaw.UNSURE: _Side(0, 0.8, 0.92, "score {:.2f}"),
}


def quality_of(measures: FaceMeasures, score: float) -> FaceQuality:
    """The quality of a face by its measures and the detector's score; of equally bad sides the first counts."""
    measured = {
        Flaw.SMALL: measures.eyes_px,
        Flaw.BLURRED: measures.sharpness,
        Flaw.TURNED: measures.frontal,
        Flaw.UNSURE: score,
    }
    values = {flaw: side.value(measured[flaw]) for flaw, side in _SIDES.items()}
    worst = min(values, key=values.__getitem__)
    return FaceQuality(values[worst], worst, f"{worst}: {_SIDES[worst].said.format(measured[worst])}")
