"""What enrolment takes of images: a policy, and by it the samples of one batch and the reasons of what is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from identity.core.domain import Domain
from identity.core.errors import UsageError
from identity.core.face_measuring import measures_of
from identity.core.face_selection import FaceRules
from identity.core.types import Image, NewSample, Region, Role, SourceImage
from identity.core.watching import nobody
from identity.workflows.describe import Described, Pipeline
from identity.workflows.image_paths import with_absolute_path

Reason = str


@dataclass(frozen=True, slots=True)
class Policy:
    """Which regions of an image are taken, and for what. `faces` is None where images show no faces."""

    domain: Domain
    label: str | None = None
    calibration_fraction: float = 0.0
    faces: FaceRules | None = None
    encode_crop: Callable[[Image], bytes] | None = None
    role_of: Callable[[SourceImage], Role] | None = None  # where the split is known beforehand
    on_image: Callable[[str, str], None] | None = None  # told each image's name and what became of it
    photographs: Callable[[Sequence[SourceImage]], tuple[int, int]] | None = None  # how many of how many are no paper
    on_written: Callable[[Sequence[SourceImage]], None] = nobody  # told of each batch that the store has now

    def name(self, image: SourceImage) -> str | None:
        """The identity an image is said to show."""
        return self.label or image.label

    def role(self, image: SourceImage) -> Role:
        """Fixed by the image's content, so that an interrupted run continues with the same split."""
        if self.role_of is not None:
            return self.role_of(image)
        place = int.from_bytes(image.content[:8], "big") / 2**64
        return Role.CALIBRATION if self.name(image) and place < self.calibration_fraction else Role.GALLERY

    def elsewhere(self) -> Policy:
        """The same for another process: nobody there tells anybody here."""
        return replace(self, on_image=None, on_written=nobody)

    def pick(self, image: SourceImage, regions: list[Region]) -> tuple[list[Region], list[Reason]]:
        """The regions that the rules take, and the reasons against the others."""
        if self.faces is None:
            return regions, []
        return self.faces.pick(regions, (image.height, image.width), named=self.name(image) is not None)

    def keep(self, parts: list[Described]) -> tuple[list[Described], list[Reason]]:
        """The crops that are sharp enough, and the reasons against the others."""
        if self.faces is None:
            return parts, []
        judged = [(part, part.crop is not None and self.faces.reason_against_crop(part.crop)) for part in parts]
        return [part for part, reason in judged if not reason], [reason for _, reason in judged if reason]


@dataclass(frozen=True, slots=True)
class ImageSamples:
    """What one image gives: samples, and the reasons why it, or a face in it, gives none.

    `error` is why nobody could look at it; the next enrolment tries again.
    """

    image: SourceImage
    samples: list[NewSample]
    reasons: list[Reason]
    error: str | None = None

    @property
    def reason(self) -> Reason:
        """All reasons in one text, empty where there is none."""
        return "; ".join(dict.fromkeys(self.reasons))


def wanted_samples(images: Sequence[SourceImage], pipeline: Pipeline, policy: Policy) -> list[ImageSamples]:
    """The same of images that the gallery is meant for. Raises `UsageError` where half or more plainly are others."""
    _require_paper(images, policy)
    return samples_of(images, pipeline, policy)


def samples_of(images: Sequence[SourceImage], pipeline: Pipeline, policy: Policy) -> list[ImageSamples]:
    """What each image gives; a region that the policy leaves out is not embedded."""
    picked = [policy.pick(image, regions) for image, regions in zip(images, pipeline.regions(images), strict=True)]
    kept = [policy.keep(row) for row in pipeline.align(images, [regions for regions, _ in picked])]
    described = pipeline.embed([parts for parts, _ in kept])
    return [
        _image_samples(image, parts, [*unwanted, *blurred], policy)
        for image, parts, (_, unwanted), (_, blurred) in zip(images, described, picked, kept, strict=True)
    ]


def _require_paper(images: Sequence[SourceImage], policy: Policy) -> None:
    if policy.photographs is None:
        return
    found, looked_at = policy.photographs(images)
    if found and found * 2 >= looked_at:
        raise UsageError(
            f"{found} of {looked_at} images that were looked at are photographs that show no paper; the gallery is "
            f"for {policy.domain.kind}: for people run 'identity setup faces' and enroll with -g people; "
            "where these do show ink, repeat with --any-image"
        )


def _image_samples(
    image: SourceImage, parts: Sequence[Described], reasons: list[Reason], policy: Policy
) -> ImageSamples:
    """Of several faces only the first bears the name, for they are several people."""
    inked = [part for part in parts if part.vector is not None]
    name = policy.name(image)
    samples = [_sample(image, part, policy, None if place else name) for place, part in enumerate(inked)]
    return ImageSamples(image, samples, reasons if inked or reasons else [policy.domain.nothing_seen])


def _sample(image: SourceImage, part: Described, policy: Policy, name: str | None) -> NewSample:
    assert part.vector is not None
    crop = policy.encode_crop(part.crop) if policy.encode_crop and part.crop is not None else None
    return NewSample(
        image=replace(with_absolute_path(image), pixels=None),
        box=part.region.box,
        vector=part.vector,
        identity=name,
        role=policy.role(image) if name else Role.GALLERY,
        score=part.region.score,
        crop=crop,
        measures=measures_of(part.region, part.crop),
    )
