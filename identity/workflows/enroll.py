"""Put images into a gallery: each content once, batch by batch, every batch one transaction.

Batches are described by several threads while earlier ones are written, in order: reading, detection, embedding and
writing overlap, and a run that was interrupted goes on after the last batch that was written.

An image that gave a sample is never looked at again, and neither is one that shows no ink or no face. One that a rule
left out (too small, blurred, more than one face) is: today's rules may be others. Finding its faces is what that costs;
no vector of it was ever made, so nothing is embedded twice.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace

from identity.core.domain import DIGITS, Domain
from identity.core.errors import UsageError
from identity.core.face_selection import FaceRules
from identity.core.ports import GalleryStore
from identity.core.types import Image, NewSample, Region, Role, SourceImage
from identity.workflows.batches import Waiting, batches, begun, overlapped
from identity.workflows.describe import Described, Pipeline

BATCH_IMAGES = 512
Reason = str


@dataclass(slots=True)
class EnrolReport:
    """What became of the images. `skipped` counts whole images and single faces, by reason."""

    images: int = 0
    gallery: int = 0
    calibration: int = 0
    duplicates: int = 0
    skipped: Counter[Reason] = field(default_factory=Counter)
    failed: list[tuple[str, Reason]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Policy:
    """Which regions of an image are taken, and for what. `faces` is None where images show no faces."""

    label: str | None = None
    calibration_fraction: float = 0.0
    faces: FaceRules | None = None
    encode_crop: Callable[[Image], bytes] | None = None
    role_of: Callable[[SourceImage], Role] | None = None  # where the split is known beforehand
    domain: Domain = DIGITS
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


@dataclass(frozen=True, slots=True)
class _Batch:
    images: list[SourceImage]
    fresh: list[SourceImage]  # those that need a look, each content once


@dataclass(slots=True)
class _Work:
    """What is to be written of one batch; `skipped` has an entry per image or face that is left out."""

    policy: Policy
    samples: list[NewSample] = field(default_factory=list)
    skipped: list[tuple[SourceImage, Reason]] = field(default_factory=list)

    def pick(self, image: SourceImage, regions: list[Region]) -> list[Region]:
        rules = self.policy.faces
        if rules is None:
            return regions
        chosen, reasons = rules.pick(regions, (image.height, image.width), named=self.policy.name(image) is not None)
        self.skipped += [(image, reason) for reason in reasons]
        return chosen

    def keep(self, image: SourceImage, crop: Image) -> bool:
        reason = self.policy.faces.blurred(crop) if self.policy.faces is not None else None
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


def enroll(
    sources: Iterable[SourceImage],
    *,
    pipeline: Pipeline,
    store: GalleryStore,
    policy: Policy,
    on_progress: Callable[[int], None] = lambda _count: None,
    workers: int = 1,
) -> EnrolReport:
    """Embed and store every image whose content gave the gallery no sample yet, each content once in a run.

    Raises `UsageError` for a calibration fraction outside 0..1.
    """
    if not 0 <= policy.calibration_fraction < 1:
        raise UsageError(f"--calibration-fraction must be at least 0 and below 1, got {policy.calibration_fraction}")
    report = EnrolReport()

    def work(batch: _Batch) -> _Work:
        return _described(batch.fresh, pipeline, policy)

    waiting: Waiting[_Batch, _Work] = deque()
    left_out: set[bytes] = set()
    fresh = _freshened(sources, store, left_out, ahead=workers + 1)
    try:
        for batch, done in overlapped(fresh, work, workers=workers, waiting=waiting):
            _write(batch, done, store, policy, report)
            left_out.update(image.content for image, _ in done.skipped)
            on_progress(len(batch.images))
    except KeyboardInterrupt:  # what the threads have embedded meanwhile is kept
        for batch, done in begun(waiting):
            _write(batch, done, store, policy, report)
        raise
    return report


def _write(batch: _Batch, done: _Work, store: GalleryStore, policy: Policy, report: EnrolReport) -> None:
    if batch.fresh:
        store.add(done.samples, skipped=_per_image(done.skipped))
    _count(report, batch, done)
    if policy.on_image is not None:
        _tell(policy.on_image, batch, done.skipped)


def _freshened(
    sources: Iterable[SourceImage], store: GalleryStore, left_out: Set[bytes], *, ahead: int
) -> Iterator[_Batch]:
    """Batches with what is new in them; `ahead` earlier ones may not be in the store or in `left_out` yet."""
    on_their_way: deque[set[bytes]] = deque(maxlen=ahead)
    for images in batches(sources, size=BATCH_IMAGES):
        readable = [image for image in images if image.error is None]
        seen = set(store.seen([image.content for image in readable])).union(left_out, *on_their_way)
        fresh: dict[bytes, SourceImage] = {}
        for image in readable:
            if image.content not in seen:
                fresh.setdefault(image.content, image)
        on_their_way.append(set(fresh))
        yield _Batch(images, list(fresh.values()))


def _described(fresh: Sequence[SourceImage], pipeline: Pipeline, policy: Policy) -> _Work:
    work = _Work(policy)
    for image, parts in zip(fresh, pipeline.describe(fresh, pick=work.pick, keep=work.keep), strict=True):
        work.take(image, parts)
    return work


def _per_image(skipped: Sequence[tuple[SourceImage, Reason]]) -> list[tuple[SourceImage, Reason]]:
    """One entry per image, with all its reasons."""
    reasons: dict[bytes, tuple[SourceImage, list[Reason]]] = {}
    for image, reason in skipped:
        reasons.setdefault(image.content, (image, []))[1].append(reason)
    return [(image, "; ".join(dict.fromkeys(said))) for image, said in reasons.values()]


def _count(report: EnrolReport, batch: _Batch, done: _Work) -> None:
    report.images += len(batch.images)
    report.failed += [(image.name, image.error) for image in batch.images if image.error is not None]
    report.duplicates += sum(image.error is None for image in batch.images) - len(batch.fresh)
    report.gallery += sum(sample.role is Role.GALLERY for sample in done.samples)
    report.calibration += sum(sample.role is Role.CALIBRATION for sample in done.samples)
    report.skipped.update(reason for _, reason in done.skipped)


def _tell(on_image: Callable[[str, str], None], batch: _Batch, skipped: Sequence[tuple[SourceImage, Reason]]) -> None:
    reasons = {image.content: f"skipped: {reason}" for image, reason in _per_image(skipped)}
    fresh = {id(image) for image in batch.fresh}
    for image in batch.images:
        done = reasons.get(image.content, "enrolled") if id(image) in fresh else "there before"
        on_image(image.name, image.error or done)


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
