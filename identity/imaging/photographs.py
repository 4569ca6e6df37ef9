"""Tells photographs from drawings, scans and photographed paper: by whether anything in the image is even paper.

Nothing is said of small images: a digit may fill them.
"""

from __future__ import annotations

from collections.abc import Sequence

from identity.core.types import SourceImage
from identity.imaging.digits import unevenness

LEAST_PX = 64
UNEVEN = 12.0  # grey levels; docs/digits.md says where photographs and paper lie
MOST_JUDGED = 32  # of a batch, evenly taken


def photographs_among(images: Sequence[SourceImage]) -> tuple[int, int]:
    """How many of the images that are large enough to tell show no paper, and how many were looked at."""
    large = [image for image in images if image.pixels is not None and min(image.width, image.height) >= LEAST_PX]
    looked_at = large[:: -(-len(large) // MOST_JUDGED) or 1]
    found = sum(unevenness(image.pixels) > UNEVEN for image in looked_at if image.pixels is not None)
    return found, len(looked_at)
