"""Measures a face where it is found, before anything is forgotten of the photograph."""

from __future__ import annotations

import numpy as np

from identity.core.face_quality import FaceMeasures
from identity.core.sharpness import sharpness
from identity.core.types import Image, Region


def measures_of(region: Region, crop: Image | None) -> FaceMeasures | None:
    """Of a region with landmarks (in pixels of the photograph) and its aligned crop; None of what is no face."""
    if region.landmarks is None or crop is None:
        return None
    left, right, nose, *mouth = region.landmarks.astype(np.float64)
    eyes, across = (left + right) / 2, right - left
    down = (mouth[0] + mouth[1]) / 2 - eyes
    # eyes and mouth are about as far from each other as the eyes; a turned face keeps the one, a bowed one the other
    eyes_px = max(float(np.hypot(*across)), float(np.hypot(*down)))
    along, below = _share(nose - left, across), _share(nose - eyes, down)
    return FaceMeasures(eyes_px, sharpness(crop), 2 * min(along, 1 - along, below, 1 - below))


def _share(point: np.ndarray, axis: np.ndarray) -> float:
    """Where a point lies along an axis: 0 at its beginning, 1 at its end; -1 along an axis without a length."""
    length = float(axis @ axis)
    return float(point @ axis) / length if length else -1.0
