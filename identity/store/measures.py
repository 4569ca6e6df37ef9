"""The columns of what was measured of a face, and its quality by them."""

from __future__ import annotations

from collections.abc import Sequence

from identity.core.face_quality import FaceMeasures, FaceQuality, quality_of
from identity.store import tables as t

MEASURED = (t.quality.c.eyes_px, t.quality.c.sharpness, t.quality.c.frontal)  # in the order of `FaceMeasures`


def measured_quality(values: Sequence[float | None], score: float) -> FaceQuality | None:
    """The quality by the values of these columns and the detector's score; None where there was no row."""
    measured = [value for value in values if value is not None]
    return quality_of(FaceMeasures(*measured), score) if len(measured) == len(MEASURED) else None
