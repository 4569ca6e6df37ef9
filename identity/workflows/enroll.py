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
from dataclasses import dataclass, field

from identity.core.errors import UsageError
from identity.core.ports import GalleryStore
from identity.core.revision import LabelConflict
from identity.core.types import Role, SourceImage, UnreadFiles
from identity.workflows.batches import Waiting, finished_results, map_in_threads
from identity.workflows.contents import StoredContents
from identity.workflows.describe_many import DescribeMany
from identity.workflows.enrol_samples import ImageSamples, Policy, Reason
from identity.workflows.image_paths import with_absolute_path
from identity.workflows.region_labels import RegionLabels, RegionNames
from identity.workflows.revisit import Revisit


@dataclass(slots=True)
class EnrolReport:
    """What became of the images. `skipped` counts whole images and single faces, by reason.

    Of the duplicates, which gave samples before, `named` samples got their name only now, and `moved` files lie
    elsewhere by now. `unmatched` are the paths in a file of labels that no image had.
    `unread` are the files in folders that look like pictures or videos and are not read, by ending.
    """

    images: int = 0
    gallery: int = 0
    calibration: int = 0
    duplicates: int = 0
    named: int = 0
    moved: int = 0
    conflicts: list[LabelConflict] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    skipped: Counter[Reason] = field(default_factory=Counter)
    failed: list[tuple[str, Reason]] = field(default_factory=list)
    unread: list[UnreadFiles] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Batch:
    images: list[SourceImage]
    fresh: list[SourceImage]  # those that need a look, each content once


def enroll(
    sources: Iterable[SourceImage],
    *,
    many: DescribeMany,
    store: GalleryStore,
    policy: Policy,
    regions: RegionLabels | None = None,
    on_progress: Callable[[int], None] = lambda _count: None,
) -> EnrolReport:
    """Embed and store every image whose content gave the gallery no sample yet, each content once in a run.

    `regions` reads the names of single faces. Raises `UsageError` for a calibration fraction outside 0..1, and for a
    batch of which half or more are photographs where `policy.photographs` counts them; nothing of it is written.
    """
    if not 0 <= policy.calibration_fraction < 1:
        raise UsageError(f"--calibration-fraction must be at least 0 and below 1, got {policy.calibration_fraction}")
    report = EnrolReport()

    def work(batch: _Batch) -> list[ImageSamples]:
        return many.samples(batch.fresh, policy)

    waiting: Waiting[_Batch, list[ImageSamples]] = deque()
    left_out: set[bytes] = set()
    fresh = _fresh_batches(many.batches(sources), store, left_out, ahead=many.at_once + 1)
    try:
        for batch, done in map_in_threads(fresh, work, workers=many.at_once, waiting=waiting):
            _write(batch, done, store, policy, report, regions=regions)
            left_out.update(one.image.content for one in done if one.reasons)
            on_progress(len(batch.images))
    except KeyboardInterrupt:  # what the threads have embedded meanwhile is kept
        for batch, done in finished_results(waiting):
            _write(batch, done, store, policy, report, regions=regions)
        raise
    return report


def _write(
    batch: _Batch,
    done: Sequence[ImageSamples],
    store: GalleryStore,
    policy: Policy,
    report: EnrolReport,
    *,
    regions: RegionLabels | None,
) -> None:
    again = _second_look(batch, policy, report, regions)
    if batch.fresh or again(store.known_images(again.contents)):
        samples = [sample for one in done for sample in one.samples]
        skipped = [(with_absolute_path(one.image), one.reason) for one in done if one.reasons]
        store.add(samples, skipped=skipped, again=again)
    _count(report, batch, done, again)
    policy.on_written(batch.images)
    if policy.on_image is not None:
        _tell(policy.on_image, batch, done)


def _second_look(batch: _Batch, policy: Policy, report: EnrolReport, regions: RegionLabels | None) -> Revisit:
    """At images that the gallery has; where faces have names of their own, at all."""
    readable = [image for image in batch.images if image.error is None]
    fresh = {id(image) for image in batch.fresh}
    if regions is None:
        return Revisit([image for image in readable if id(image) not in fresh], policy)
    said: RegionNames = regions.read(readable)
    report.failed += said.failed
    return Revisit(readable, policy, said.found, regions.refused, frozenset(one.content for one in batch.fresh))


def _fresh_batches(
    read: Iterable[list[SourceImage]], store: GalleryStore, left_out: Set[bytes], *, ahead: int
) -> Iterator[_Batch]:
    """Batches with what is new in them; `ahead` earlier ones may not be in the store or in `left_out` yet."""
    on_their_way: deque[set[bytes]] = deque(maxlen=ahead)
    stored = StoredContents(store)
    for batch in read:
        images = stored.of(batch)
        readable = [image for image in images if image.error is None]
        seen = set(store.known_contents([image.content for image in readable])).union(left_out, *on_their_way)
        fresh: dict[bytes, SourceImage] = {}
        for image in readable:
            if image.content not in seen:
                fresh.setdefault(image.content, image)
        on_their_way.append(set(fresh))
        yield _Batch(images, list(fresh.values()))


def _count(report: EnrolReport, batch: _Batch, done: Sequence[ImageSamples], again: Revisit) -> None:
    roles = Counter(sample.role for one in done for sample in one.samples)
    report.images += len(batch.images)
    report.failed += [(image.name, image.error) for image in batch.images if image.error is not None]
    report.failed += [(one.image.name, one.error) for one in done if one.error is not None]
    report.duplicates += sum(image.error is None for image in batch.images) - len(batch.fresh)
    report.gallery += roles[Role.GALLERY]
    report.calibration += roles[Role.CALIBRATION]
    report.skipped.update(reason for one in done for reason in one.reasons)
    report.named += again.named_since
    report.moved += again.moved
    report.conflicts += again.conflicts


def _tell(on_image: Callable[[str, str], None], batch: _Batch, done: Sequence[ImageSamples]) -> None:
    became = {id(one.image): one.error or (f"skipped: {one.reason}" if one.reasons else "enrolled") for one in done}
    for image in batch.images:
        on_image(image.name, image.error or became.get(id(image), "there before"))
