"""Whether two photographs show the same person, by a gallery's thresholds for pairs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from identity.core.calibration import Calibration
from identity.core.distance import cosine_distance, to_euclidean
from identity.core.errors import NotCalibratedError, NothingFoundError, UnreadableImageError
from identity.core.face_selection import only_largest
from identity.core.rules.people_points import PeopleThresholds, people_thresholds
from identity.core.types import Box, SourceImage
from identity.workflows.describe import Described, Pipeline


class Sameness(StrEnum):
    """What may be said about two faces."""

    SAME = "same"
    UNCERTAIN = "uncertain"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Verification:
    """How near two faces are, and the two thresholds between which it stays uncertain whether they are one person's."""

    images: tuple[SourceImage, SourceImage]
    boxes: tuple[Box, Box]
    faces: tuple[int, int]  # how many each photograph shows; the largest was compared
    distance: float
    thresholds: PeopleThresholds
    stale: bool

    @property
    def verdict(self) -> Sameness:
        """Same up to the threshold, different beyond the one of the looser false match rate, uncertain between."""
        if self.distance <= self.thresholds.verify.threshold:
            return Sameness.SAME
        return Sameness.UNCERTAIN if self.distance <= self.thresholds.uncertain.threshold else Sameness.DIFFERENT

    @property
    def euclidean_distance(self) -> float:
        """The same distance as Euclid measures it between unit vectors."""
        return to_euclidean(self.distance)


def verify(
    images: tuple[SourceImage, SourceImage], *, pipeline: Pipeline, calibration: Calibration, gallery: str
) -> Verification:
    """Compare the largest face of one photograph with that of another.

    Raises `UnreadableImageError`, `NothingFoundError`, and `NotCalibratedError` for thresholds that are none of pairs.
    """
    thresholds = people_thresholds(calibration)
    if thresholds is None:
        raise NotCalibratedError(
            f"gallery '{gallery}' has no false match rate: verify faces with a gallery of people, such as one made by "
            "'identity gallery create people --model face-reid-0095'"
        )
    for image in images:
        if image.error is not None:
            raise UnreadableImageError(image.error)
    (first, first_faces), (second, second_faces) = _largest_faces(images, pipeline)
    assert first.vector is not None
    assert second.vector is not None
    return Verification(
        images=(replace(images[0], pixels=None), replace(images[1], pixels=None)),
        boxes=(first.region.box, second.region.box),
        faces=(first_faces, second_faces),
        distance=float(cosine_distance(np.asarray(first.vector @ second.vector))),
        thresholds=thresholds,
        stale=calibration.stale,
    )


def _largest_faces(
    images: tuple[SourceImage, SourceImage], pipeline: Pipeline
) -> list[tuple[Described, int]]:
    """The largest face of each, and how many there are."""
    found = pipeline.regions(images)
    described = pipeline.embed(pipeline.align(images, only_largest(images, found)))
    for image, parts in zip(images, described, strict=True):
        if not parts or parts[0].vector is None:
            raise NothingFoundError(
                f"{image.name} shows no face that can be found: give a larger or clearer photograph"
            )
    return [(parts[0], len(row)) for parts, row in zip(described, found, strict=True)]
