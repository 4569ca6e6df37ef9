"""The document `identity.verify/2`: whether two photographs show the same person."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from typing_extensions import TypedDict

from identity.documents.calibration import ReferenceFields

if TYPE_CHECKING:
    from identity.workflows.verify import Verification


class ComparedImage(TypedDict):
    """One of the two photographs: the face compared, and how many it shows."""

    source: str
    path: str
    box: list[int]
    faces: int


class VerifyFields(TypedDict):
    """Distance, the two thresholds and the verdict."""

    gallery: str
    cosine_distance: float
    euclidean_distance: float
    threshold: float
    fmr: float | None
    verdict: str
    uncertain_up_to: float
    uncertain_fmr: float | None
    reference: ReferenceFields | None  # who measured, recommended or chose the threshold
    insufficient_data: bool
    stale: bool
    images: list[ComparedImage]


def verify_fields(gallery: str, made: Verification) -> VerifyFields:
    """Everything about one comparison."""
    from identity.core.rules.people_points import reference_fields

    people = made.thresholds
    return {
        "gallery": gallery,
        "cosine_distance": made.distance,
        "euclidean_distance": made.euclidean_distance,
        "threshold": people.verify.threshold,
        "fmr": people.verify.target,
        "verdict": made.verdict.value,
        "uncertain_up_to": people.uncertain.threshold,
        "uncertain_fmr": people.uncertain.target,
        "reference": cast("ReferenceFields | None", reference_fields(people.verify.reference)),
        "insufficient_data": not people.verify.enough,
        "stale": made.stale,
        "images": [
            {"source": image.source, "path": image.path, "box": box.as_list(), "faces": faces}
            for image, box, faces in zip(made.images, made.boxes, made.faces, strict=True)
        ],
    }
