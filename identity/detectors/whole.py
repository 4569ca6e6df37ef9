"""The detector that detects nothing: the whole image is the region. For digits and faces already cropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from identity.core.types import Box, Image, Region


@dataclass(frozen=True, slots=True)
class WholeDetector:
    """One region per image, the image itself, with score 1 and no landmarks."""

    fingerprint: str = "whole/1"

    def detect(self, images: Sequence[Image]) -> list[list[Region]]:
        """The whole of each image (h, w) or (h, w, 3)."""
        return [[Region(Box(0, 0, image.shape[1], image.shape[0]))] for image in images]
