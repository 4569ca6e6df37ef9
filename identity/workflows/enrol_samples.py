"""What enrolment takes of images: a policy, and by it the samples of one batch and the reasons of what is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from identity.core.domain import Domain
from identity.core.face_selection import FaceRules
from identity.core.types import Image, NewSample, Region, Role, SourceImage
from identity.workflows.describe import Described, Pipeline

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

    def name(self, image: SourceImage) -> str | None:
        """The identity an image is said to show."""
        return self.label or image.label

    def role(self, image: SourceImage) -> Role:
        """Fixed by the image's content, so that an interrupted run continues with the same split."""
        if self.role_of is not None:
            return self.role_of(image)
        place = int.from_bytes(image.content[:8], "big") / 2**64
        return Role.CALIBRATION if self.name(image) and place < self.calibration_fraction else Role.GALLERY


@dataclass(slots=True)
class BatchSamples:
    """What is to be written of one batch; `skipped` has an entry per image or face that is left out."""

    policy: Policy
    samples: list[NewSample] = field(default_factory=list)
    skipped: list[tuple[SourceImage, Reason]] = field(default_factory=list)

    def pick(self, image: SourceImage, regions: list[Region]) -> list[Region]:
        """The regions that the rules take; the reasons against the others are kept."""
        rules = self.policy.faces
        if rules is None:
            return regions
        chosen, reasons = rules.pick(regions, (image.height, image.width), named=self.policy.name(image) is not None)
        self.skipped += [(image, reason) for reason in reasons]
        return chosen

    def keep(self, image: SourceImage, crop: Image) -> bool:
        """Whether a crop is sharp enough."""
        reason = self.policy.faces.reason_against_crop(crop) if self.policy.faces is not None else None
        if reason is not None:
            self.skipped.append((image, reason))
        return reason is None

    def take(self, image: SourceImage, parts: Sequence[Described]) -> None:
        """The samples of one image; of several faces only the first bears the name, for they are several people."""
        inked = [part for part in parts if part.vector is not None]
        name = self.policy.name(image)
        self.samples += [_sample(image, part, self.policy, None if place else name) for place, part in enumerate(inked)]
        if not inked and all(one.content != image.content for one, _ in self.skipped):
            self.skipped.append((image, self.policy.domain.nothing_seen))


def samples_of(fresh: Sequence[SourceImage], pipeline: Pipeline, policy: Policy) -> BatchSamples:
    """Images, described and judged."""
    work = BatchSamples(policy)
    for image, parts in zip(fresh, pipeline.describe(fresh, pick=work.pick, keep=work.keep), strict=True):
        work.take(image, parts)
    return work


def skips_by_image(skipped: Sequence[tuple[SourceImage, Reason]]) -> list[tuple[SourceImage, Reason]]:
    """One entry per image, with all its reasons."""
    reasons: dict[bytes, tuple[SourceImage, list[Reason]]] = {}
    for image, reason in skipped:
        reasons.setdefault(image.content, (image, []))[1].append(reason)
    return [(image, "; ".join(dict.fromkeys(said))) for image, said in reasons.values()]


def _sample(image: SourceImage, part: Described, policy: Policy, name: str | None) -> NewSample:
    assert part.vector is not None
    crop = policy.encode_crop(part.crop) if policy.encode_crop and part.crop is not None else None
    return NewSample(
        image=replace(image, pixels=None),
        box=part.region.box,
        vector=part.vector,
        identity=name,
        role=policy.role(image) if name else Role.GALLERY,
        score=part.region.score,
        crop=crop,
    )
