"""Which faces of a photograph are taken, and why the others are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from identity.core.errors import UsageError
from identity.core.face_count import NO_FACE, FaceCount
from identity.core.sharpness import sharpness
from identity.core.types import Image, Region, SourceImage

ABOUT_AS_LARGE = 0.8  # of the largest face's side: among these the one in the middle is meant
MIN_FACE_PX = 24
MIN_SHARPNESS = 0.001  # half of what the least sharp face of LFW has


@dataclass(frozen=True, slots=True)
class FaceRules:
    """What a face must be to be enrolled. Without `faces`: the largest of a labelled photograph, else all."""

    faces: FaceCount | None = None
    min_face_px: int = MIN_FACE_PX  # shorter side of the box
    min_score: float = 0.0  # the detector has its own floor
    min_sharpness: float = MIN_SHARPNESS

    def __post_init__(self) -> None:
        """Raises `UsageError` for limits that nothing or everything meets."""
        if self.min_face_px < 0 or not 0 <= self.min_score <= 1 or self.min_sharpness < 0:
            raise UsageError("a face's size and sharpness are 0 or more, its score is 0 to 1: check the --min options")

    def pick(self, regions: Sequence[Region], shape: tuple[int, ...], *, named: bool) -> tuple[list[Region], list[str]]:
        """The faces taken of an image of this shape, the largest first, and a reason for each of the others."""
        if not regions:
            return [], [NO_FACE]
        reasons = [reason for region in regions if (reason := self._reason_against(region))]
        good = [region for region in regions if self._reason_against(region) is None]
        wanted = self.faces or (FaceCount.LARGEST if named else FaceCount.ALL)
        if wanted is FaceCount.REQUIRE_ONE and len(good) > 1:
            return [], [*reasons, "more than one face where one is required"]
        if not good:
            return [], reasons
        first = largest(good, shape)
        others = [region for region in good if region is not first]
        if wanted is FaceCount.ALL:
            return [first, *others], reasons
        return [first], [*reasons, *["not the largest face"] * len(others)]

    def _reason_against(self, region: Region) -> str | None:
        if side_px(region) < self.min_face_px:
            return f"face smaller than {self.min_face_px} px"
        if region.score < self.min_score:
            return f"face with a score under {self.min_score:g}"
        return None

    def reason_against_crop(self, crop: Image) -> str | None:
        """Why an aligned face is too blurred, None where it is not."""
        if self.min_sharpness > 0 and sharpness(crop) < self.min_sharpness:
            return f"blurred face, sharpness under {self.min_sharpness:g}"
        return None


def side_px(region: Region) -> int:
    """The shorter side of a region's box."""
    box = region.box
    return min(box.x2 - box.x1, box.y2 - box.y1)


def only_largest(images: Sequence[SourceImage], regions: Sequence[Sequence[Region]]) -> list[list[Region]]:
    """Of the faces of each photograph the largest, where it shows any."""
    return [
        [largest(row, (image.height, image.width))] if row else [] for image, row in zip(images, regions, strict=True)
    ]


def largest(regions: Sequence[Region], shape: tuple[int, ...]) -> Region:
    """The largest face; among faces about as large the one nearest to the image's middle, which is whom it shows."""
    limit = ABOUT_AS_LARGE * max(side_px(region) for region in regions)
    middle = np.array([shape[1], shape[0]]) / 2

    def off_centre(region: Region) -> float:
        box = region.box
        return float(np.hypot(*(np.array([box.x1 + box.x2, box.y1 + box.y2]) / 2 - middle)))

    return min((region for region in regions if side_px(region) >= limit), key=off_centre)
