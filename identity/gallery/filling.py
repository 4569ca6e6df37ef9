"""How images get into a gallery: by whose names, by which rules, and what is told meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from identity.core.domain import Domain
from identity.core.face_selection import FaceRules
from identity.core.types import Region, SourceImage, UnreadFiles
from identity.core.watching import Progress, nobody
from identity.core.workers import Place
from identity.gallery.images import Images
from identity.gallery.labels import Labels, labels_for, labels_of_faces
from identity.gallery.parts import GalleryParts
from identity.imaging.crops import encode
from identity.imaging.photographs import photographs_among
from identity.workflows import enroll as enrolling
from identity.workflows.describe_many import DescribeMany
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
    place: Place | None = None  # of the workers who read and describe; None is here
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
    with gallery.describe_many(wishes.place) as many:
        report = _filled(gallery, images, wishes, many, read)
    gallery.refresh_index()
    return report


def _policy(domain: Domain, wishes: Wishes) -> Policy:
    rules = (wishes.faces or domain.selection()) if domain.selection is not None else None
    return Policy(
        domain, wishes.label, wishes.calibration_fraction, rules,
        encode_crop=encode if wishes.crops else None, on_image=wishes.on_image, on_written=wishes.on_written,
        photographs=photographs_among if domain.on_paper and not wishes.any_image else None,
    )  # fmt: skip


def _filled(
    gallery: GalleryParts,
    images: Images,
    wishes: Wishes,
    many: DescribeMany,
    read: Callable[[], Iterator[SourceImage]] | None,
) -> enrolling.EnrolReport:
    domain = gallery.domain
    policy = _policy(domain, wishes)
    asked = domain.shows_people and wishes.label is None
    regions = labels_of_faces(gallery, wishes.labels)
    give = regions or labels_for(images, wishes.labels, partial(_faces_in, gallery, many) if asked else None)
    unread: list[UnreadFiles] = []
    source = many.read(images, on_unread=unread.extend) if read is None else read()
    report = enrolling.enroll(
        labelled(source, give), many=many, store=gallery.store, policy=policy, regions=regions,
        on_progress=wishes.on_progress,
    )  # fmt: skip
    report.unread, report.unmatched = unread, unmatched(give)
    return report


def _faces_in(gallery: GalleryParts, many: DescribeMany, photographs: Sequence[Path]) -> list[list[Region]]:
    return many.regions([image for image in gallery.read(list(photographs)) if image.error is None])
