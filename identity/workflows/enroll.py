"""Put images into a gallery: each content once, batch by batch, every batch one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from identity.core.errors import UsageError
from identity.core.ports import GalleryStore
from identity.core.types import Image, NewSample, Role, SourceImage
from identity.workflows.batches import batches, behind
from identity.workflows.describe import Described, Pipeline

BATCH_IMAGES = 512
Reason = str


@dataclass(slots=True)
class EnrolReport:
    """What became of the images."""

    images: int = 0
    gallery: int = 0
    calibration: int = 0
    duplicates: int = 0
    skipped: Counter[Reason] = field(default_factory=Counter)
    failed: list[tuple[str, Reason]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Policy:
    """Which regions of an image are taken, and for what."""

    label: str | None = None
    calibration_fraction: float = 0.0
    choose: Callable[[SourceImage, list[Described]], tuple[list[Described], Reason | None]] = (
        lambda _image, regions: (regions, None)
    )
    encode_crop: Callable[[Image], bytes] | None = None
    role_of: Callable[[SourceImage], Role] | None = None  # where the split is known beforehand
    on_image: Callable[[str, str], None] | None = None  # told each image's name and what became of it

    def role(self, image: SourceImage) -> Role:
        """Fixed by the image's content, so that an interrupted run continues with the same split."""
        if self.role_of is not None:
            return self.role_of(image)
        place = int.from_bytes(image.content[:8], "big") / 2**64
        named = self.label or image.label
        return Role.CALIBRATION if named and place < self.calibration_fraction else Role.GALLERY


def enroll(
    sources: Iterable[SourceImage],
    *,
    pipeline: Pipeline,
    store: GalleryStore,
    policy: Policy,
    on_progress: Callable[[int], None] = lambda _count: None,
) -> EnrolReport:
    """Embed and store every image whose content the gallery does not have yet.

    Raises `UsageError` for a calibration fraction outside 0..1.
    """
    if not 0 <= policy.calibration_fraction < 1:
        raise UsageError(f"calibration fraction {policy.calibration_fraction} is no share: give 0 up to 1, such as 0.1")
    report = EnrolReport()
    def write(batch: _Batch) -> int:
        _write(batch, store, policy, report)
        return len(batch.images)

    with closing(behind(write, _described(sources, pipeline, store))) as written:
        for count in written:
            on_progress(count)
    return report


@dataclass(frozen=True, slots=True)
class _Batch:
    """Images on their way: all that were read, those that are new, and what was seen in the new ones."""

    images: Sequence[SourceImage]
    fresh: Sequence[SourceImage]
    described: Sequence[list[Described]]


def _described(sources: Iterable[SourceImage], pipeline: Pipeline, store: GalleryStore) -> Iterator[_Batch]:
    under_way: set[bytes] = set()  # contents of the batch before, which is perhaps not written yet
    for images in batches(sources, size=BATCH_IMAGES):
        fresh = _unseen([image for image in images if image.error is None], store, under_way)
        under_way = {image.content for image in fresh}
        yield _Batch(images, fresh, pipeline.describe(fresh))


def _write(batch: _Batch, store: GalleryStore, policy: Policy, report: EnrolReport) -> None:
    samples: list[NewSample] = []
    skipped: list[tuple[SourceImage, Reason]] = []
    for image, regions in zip(batch.fresh, batch.described, strict=True):
        chosen, reason = policy.choose(image, regions)
        inked = [part for part in chosen if part.vector is not None]
        samples += [_sample(image, part, policy) for part in inked]
        if not inked:
            skipped.append((image, reason or "no ink: nothing to see in the image"))
    if batch.fresh:
        store.add(samples, skipped=skipped)
    _count(batch, samples, skipped, report)
    if policy.on_image is not None:
        _tell(policy.on_image, batch.images, {image.content for image in batch.fresh}, skipped)


def _count(
    batch: _Batch, samples: Sequence[NewSample], skipped: Sequence[tuple[SourceImage, Reason]], report: EnrolReport
) -> None:
    failed = [(image.name, image.error) for image in batch.images if image.error is not None]
    report.images += len(batch.images)
    report.failed += failed
    report.duplicates += len(batch.images) - len(failed) - len(batch.fresh)
    report.gallery += sum(sample.role is Role.GALLERY for sample in samples)
    report.calibration += sum(sample.role is Role.CALIBRATION for sample in samples)
    report.skipped.update(reason for _, reason in skipped)


def _tell(
    on_image: Callable[[str, str], None],
    batch: Sequence[SourceImage],
    fresh: set[bytes],
    skipped: Sequence[tuple[SourceImage, Reason]],
) -> None:
    reasons = {image.content: f"skipped: {reason}" for image, reason in skipped}
    for image in batch:
        done = "enrolled" if image.content in fresh else "there before"
        on_image(image.name, image.error or reasons.get(image.content, done))


def _unseen(images: Sequence[SourceImage], store: GalleryStore, under_way: set[bytes]) -> list[SourceImage]:
    seen = store.seen([image.content for image in images]) | under_way
    fresh = []
    for image in images:
        if image.content not in seen:
            fresh.append(image)
        seen.add(image.content)
    return fresh


def _sample(image: SourceImage, part: Described, policy: Policy) -> NewSample:
    assert part.vector is not None
    crop = policy.encode_crop(part.crop) if policy.encode_crop and part.crop is not None else None
    return NewSample(
        image=replace(image, pixels=None),
        box=part.region.box,
        vector=part.vector,
        identity=policy.label or image.label,
        role=policy.role(image),
        score=part.region.score,
        crop=crop,
    )
