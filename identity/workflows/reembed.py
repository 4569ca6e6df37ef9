"""Move a gallery into the space of another model: embed every sample again, then put the new vectors in force at once.

A sample is embedded from the photograph it was seen in where that is still there and unchanged, else from its stored
crop. Each batch is one transaction, so that an interrupted run goes on where it was; until the last one the gallery
answers as before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

import numpy as np

from identity.core.errors import GalleryChangedError
from identity.core.reembedding import Destination, Origin, PendingSample, ReembeddingStore
from identity.core.stopping import STOPPING
from identity.core.types import Box, GalleryRecord, Image, Region, SourceImage
from identity.workflows.describe import Described, Pipeline

BATCH = 256
LEAST_OVERLAP = 0.3  # of a face found again with the box it had: intersection over union
ATTEMPTS = 10  # to switch while others go on enrolling


class Originals(Protocol):
    """Reads the photographs that samples were seen in."""

    def image(self, path: str | bytes, row: int | None, content: bytes) -> SourceImage | None:
        """The photograph; None where the file is gone, cannot be read, or shows something else by now."""
        ...

    def is_there(self, path: str | bytes) -> bool:
        """Whether there is a file; what it shows is not looked at."""
        ...


@dataclass(frozen=True, slots=True)
class ReembedReport:
    """How many new vectors were made from what, here and before, and the samples that nothing was left of.

    `gallery` is the gallery in its new space, None where it was not switched.
    """

    destination: Destination
    made: Mapping[Origin, int]
    missing: tuple[int, ...]
    gallery: GalleryRecord | None = None


@dataclass(frozen=True, slots=True)
class Embedding:
    """What makes new vectors: the new pipeline, the photographs, the crops, and how a crop becomes pixels.

    `crop_is_aligned`: crops were cut out as the new network wants them, so they are embedded as they are.
    """

    pipeline: Pipeline
    originals: Originals
    crops: Callable[[Sequence[int]], Mapping[int, bytes]]
    decode: Callable[[bytes], Image]
    crop_is_aligned: bool

    def describe(self, samples: Sequence[PendingSample]) -> list[tuple[Described, Origin] | None]:
        """Each sample as it is embedded; None where neither photograph nor crop is left."""
        found = dict(self._from_files(samples))
        rest = [sample.id for sample in samples if sample.id not in found]
        crops = self.crops(rest)
        found |= {id_: (self._from_crop(crops[id_]), Origin.CROP) for id_ in rest if id_ in crops}
        kept = {id_: one for id_, one in found.items() if one[0].crop is not None}
        vectors = iter(self.pipeline.embed([[one for one, _ in kept.values()]])[0])
        embedded = {id_: (next(vectors), origin) for id_, (_, origin) in kept.items()}
        return [embedded.get(sample.id) for sample in samples]

    def _from_files(self, samples: Sequence[PendingSample]) -> list[tuple[int, tuple[Described, Origin]]]:
        found: list[tuple[int, tuple[Described, Origin]]] = []
        for _, group in groupby(samples, key=lambda one: (one.path, one.row)):
            together = list(group)
            first = together[0]
            image = self.originals.image(first.path, first.row, first.content)
            if image is not None:
                regions = self.pipeline.regions([image])[0]
                seen = [(one, region) for one in together if (region := _nearest(regions, one.box)) is not None]
                parts = self.pipeline.align([image], [[region for _, region in seen]])[0]
                found += [
                    (sample.id, (part, Origin.FILE))
                    for (sample, _), part in zip(seen, parts, strict=True)
                    if part.crop is not None
                ]
        return found

    def _from_crop(self, encoded: bytes) -> Described:
        pixels = self.decode(encoded)
        whole = Region(Box(0, 0, pixels.shape[1], pixels.shape[0]))
        if self.crop_is_aligned:
            return Described(whole, pixels)
        region = next(iter(self.pipeline.regions([_image(pixels)])[0]), whole)
        return Described(region, self.pipeline.aligner.align(pixels, region))


def plan_reembedding(store: ReembeddingStore, originals: Originals, destination: Destination) -> ReembedReport:
    """What a run would make new vectors from, were it begun now; nothing is written, no image is decoded."""
    planned: Counter[Origin] = Counter()
    missing: list[int] = []
    after = 0
    while batch := store.pending(after=after, limit=BATCH):
        for sample in batch:
            if originals.is_there(sample.path):
                planned[Origin.FILE] += 1
            elif sample.has_crop:
                planned[Origin.CROP] += 1
            else:
                missing.append(sample.id)
        after = batch[-1].id
    return ReembedReport(destination, planned, tuple(missing))


def reembed(
    store: ReembeddingStore, embedding: Embedding, destination: Destination, *, on_progress: Callable[[int], None]
) -> ReembedReport:
    """Make the vectors that are missing, and switch where none is; samples that others enroll meanwhile are included.

    Raises `GalleryChangedError` where others enroll faster than is embedded here: what was made is kept.
    """
    store.begin(destination)
    for _ in range(ATTEMPTS):
        missing = _embed_pending(store, embedding, on_progress)
        if missing:
            return ReembedReport(destination, store.made(), tuple(missing))
        made = store.made()
        gallery = store.switch()
        if gallery is not None:
            return ReembedReport(destination, made, (), gallery)
    raise GalleryChangedError("other programs enroll faster than is embedded here: stop them, then run it again")


def _embed_pending(store: ReembeddingStore, embedding: Embedding, on_progress: Callable[[int], None]) -> list[int]:
    """Embed what has no new vector; the samples of which nothing is left."""
    missing: list[int] = []
    after = 0
    while batch := store.pending(after=after, limit=BATCH):
        STOPPING.check()
        described = list(zip(batch, embedding.describe(batch), strict=True))
        made = [(sample.id, *one) for sample, one in described if one is not None]
        if made:
            vectors = np.stack([one.vector for _, one, _ in made if one.vector is not None])
            store.add([id_ for id_, _, _ in made], vectors, [origin for _, _, origin in made])
        missing += [sample.id for sample, one in described if one is None]
        after = batch[-1].id
        on_progress(len(batch))
    return missing


def _nearest(regions: Sequence[Region], box: Box) -> Region | None:
    """The region that overlaps a box most, and enough."""
    best = max(regions, key=lambda region: _overlap(region.box, box), default=None)
    return best if best is not None and _overlap(best.box, box) >= LEAST_OVERLAP else None


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.x2, other.x2) - max(one.x1, other.x1)
    height = min(one.y2, other.y2) - max(one.y1, other.y1)
    shared = max(width, 0) * max(height, 0)
    union = _area(one) + _area(other) - shared
    return shared / union if union > 0 else 0.0


def _area(box: Box) -> int:
    return (box.x2 - box.x1) * (box.y2 - box.y1)


def _image(pixels: Image) -> SourceImage:
    return SourceImage("crop", "crop", pixels=pixels, width=pixels.shape[1], height=pixels.shape[0])
