"""How images get into a gallery: by whose names, by which rules, and what is told meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from identity.core.face_selection import FaceRules
from identity.core.types import Region, SourceImage, UnreadFiles
from identity.core.watching import Progress, nobody
from identity.gallery.images import Images
from identity.gallery.labels import Labels, labels_for, labels_of_faces
from identity.gallery.parts import GalleryParts
from identity.imaging.crops import encode
from identity.imaging.photographs import photographs_among
from identity.workflows import enroll as enrolling
from identity.workflows.describe import Pipeline
from identity.workflows.enrol_samples import Policy
from identity.workflows.labels import labelled, unmatched


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person wants of an enrolment; `label` is that of all images, `labels` says where each has its own from."""

    label: str | None = None
    labels: Labels | None = None
    calibration_fraction: float = 0.0
    faces: FaceRules | None = None
    crops: bool = True
    any_image: bool = False  # photographs, where digits are wanted, too
    on_progress: Progress = nobody
    on_image: Callable[[str, str], None] | None = None
    on_written: Callable[[Sequence[SourceImage]], None] = nobody  # told of each batch that the store has now


def fill(
    gallery: GalleryParts,
    images: Images,
    wishes: Wishes,
    *,
    read: Callable[[], Iterator[SourceImage]] | None = None,
) -> enrolling.EnrolReport:
    """Put images into a gallery; `read` gives them where they are not simply read one after the other."""
    domain = gallery.domain
    rules = (wishes.faces or domain.selection()) if domain.selection is not None else None
    policy = Policy(
        domain, wishes.label, wishes.calibration_fraction, rules,
        encode_crop=encode if wishes.crops else None, on_image=wishes.on_image, on_written=wishes.on_written,
        photographs=photographs_among if domain.on_paper and not wishes.any_image else None,
    )  # fmt: skip
    pipeline, workers = gallery.pipeline_for_many()
    asked = domain.shows_people and wishes.label is None
    regions = labels_of_faces(gallery, wishes.labels)
    give = regions or labels_for(images, wishes.labels, partial(_faces_in, gallery, pipeline) if asked else None)
    unread: list[UnreadFiles] = []
    source = gallery.read(images, on_unread=unread.extend) if read is None else read()
    report = enrolling.enroll(
        labelled(source, give), pipeline=pipeline, store=gallery.store, policy=policy, regions=regions,
        on_progress=wishes.on_progress, workers=workers,
    )  # fmt: skip
    report.unread, report.unmatched = unread, unmatched(give)
    gallery.refresh_index()
    return report


def _faces_in(gallery: GalleryParts, pipeline: Pipeline, photographs: Sequence[Path]) -> list[list[Region]]:
    return pipeline.regions([image for image in gallery.read(list(photographs)) if image.error is None])
