"""The columns of what was measured of a face."""

from __future__ import annotations

from collections.abc import Sequence

from identity.core.face_quality import FaceMeasures
from identity.store import tables as t

MEASURED = (t.quality.c.eyes_px, t.quality.c.sharpness, t.quality.c.frontal)  # in the order of `FaceMeasures`


def measures_of(values: Sequence[float | None]) -> FaceMeasures | None:
    """What was measured by the values of these columns; None where there was no row."""
    measured = [value for value in values if value is not None]
    return FaceMeasures(*measured) if len(measured) == len(MEASURED) else None
