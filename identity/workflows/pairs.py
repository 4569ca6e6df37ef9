"""What galleries of people do beyond others: thresholds from their own pairs, and whether two photographs show one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np

from identity.core.calibration import Calibration, PeopleThresholds
from identity.core.distance import cosine_distance, euclidean
from identity.core.errors import NotCalibratedError, NothingFoundError, UnreadableImageError
from identity.core.face_selection import largest
from identity.core.model import ModelManifest
from identity.core.ports import GalleryStore
from identity.core.reference_points import published
from identity.core.types import NO_ID, Box, Region, Role, SourceImage
from identity.workflows.describe import Pipeline

SEED = 0
TARGET_FMR, TARGET_FPIR = 1e-3, 0.01


def calibrate_gallery(
    store: GalleryStore, model: ModelManifest | None, *, target_fmr: float | None, target_fpir: float | None
) -> Calibration:
    """Thresholds from the gallery's own pairs, or the published ones where they are too few; stored, and returned.

    Raises `NotCalibratedError` where there are neither.
    """
    from identity.core.pair_distances import faces_of
    from identity.core.rules.own_pairs import Targets, calibrate_people

    rng = np.random.default_rng(SEED)
    targets = Targets(
        TARGET_FMR if target_fmr is None else target_fmr, TARGET_FPIR if target_fpir is None else target_fpir
    )
    _, labelled = store.all_vectors(Role.GALLERY)
    seen_in = store.photographs(labelled.ids.tolist())
    photographs = np.array([seen_in.get(sample, NO_ID) for sample in labelled.ids.tolist()], np.int64)
    made = calibrate_people(
        faces_of(labelled, photographs, rng),
        space=store.gallery.space,
        samples=len(labelled.ids),
        targets=targets,
        points=() if model is None else model.operating_points,
        rng=rng,
    )
    assert made.people is not None
    people = replace(made.people, last_sample=int(labelled.ids.max(initial=0)))
    made = replace(made, people=people, created_at=datetime.now(UTC).isoformat(timespec="seconds"))
    store.put_calibration(made)
    return made


def never_calibrated(store: GalleryStore, model: ModelManifest | None) -> Calibration:
    """The published operating points of the gallery's model. Raises `NotCalibratedError` where it has none."""
    gallery = store.gallery
    if model is None or not model.operating_points:
        raise NotCalibratedError(
            f"no calibration for gallery '{gallery.name}': run 'identity calibrate -g {gallery.name}'"
        )
    samples = store.count(Role.GALLERY)
    return published(
        model.operating_points, space=gallery.space, samples=samples, target_fmr=TARGET_FMR, target_fpir=TARGET_FPIR
    )


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

    @property
    def verdict(self) -> Sameness:
        """Same up to the threshold, different beyond the one of the looser false match rate, uncertain between."""
        if self.distance <= self.thresholds.verify.threshold:
            return Sameness.SAME
        return Sameness.UNCERTAIN if self.distance <= self.thresholds.doubt.threshold else Sameness.DIFFERENT

    @property
    def euclidean_distance(self) -> float:
        """The same distance as Euclid measures it between unit vectors."""
        return euclidean(self.distance)


def verify(
    images: tuple[SourceImage, SourceImage], *, pipeline: Pipeline, calibration: Calibration, gallery: str
) -> Verification:
    """Compare the largest face of one photograph with that of another.

    Raises `UnreadableImageError`, `NothingFoundError`, and `NotCalibratedError` for thresholds that are none of pairs.
    """
    if calibration.people is None:
        raise NotCalibratedError(
            f"gallery '{gallery}' has no false match rate: verify faces with a gallery of people, such as one made by "
            "'identity gallery create people --model face-reid-0095'"
        )
    for image in images:
        if image.error is not None:
            raise UnreadableImageError(image.error)
    counts: dict[int, int] = {}

    def pick(image: SourceImage, regions: list[Region]) -> list[Region]:
        counts[id(image)] = len(regions)
        return [largest(regions, (image.height, image.width))] if regions else []

    found = pipeline.describe(images, pick=pick)
    for image, parts in zip(images, found, strict=True):
        if not parts or parts[0].vector is None:
            raise NothingFoundError(
                f"{image.name} shows no face that can be found: give a larger or clearer photograph"
            )
    first, second = (parts[0] for parts in found)
    assert first.vector is not None
    assert second.vector is not None
    return Verification(
        images=(replace(images[0], pixels=None), replace(images[1], pixels=None)),
        boxes=(first.region.box, second.region.box),
        faces=(counts[id(images[0])], counts[id(images[1])]),
        distance=float(cosine_distance(np.asarray(first.vector @ second.vector))),
        thresholds=calibration.people,
    )
