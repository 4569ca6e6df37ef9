"""Measure a face network on photographs of named people: how near two different people come, at which rate."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from identity.core.calibration import MEASURED_HERE
from identity.core.errors import UsageError
from identity.core.face_selection import only_largest
from identity.core.model import OperatingPoint
from identity.core.pair_distances import faces_of
from identity.core.reference_points import RATES, MeasuredPairs, measure_points
from identity.core.rules.people_calibration import RULE_OF_30
from identity.core.types import Labelled, SourceImage
from identity.core.watching import OnFailure, Progress
from identity.workflows.batches import Waiting, batches, map_in_threads, readable_images
from identity.workflows.describe import Described, Pipeline

BATCH_IMAGES = 256
MOST_PHOTOGRAPHS = 50_000  # bounds time and memory; those of the folder beyond are not looked at
SEED = 0
Batch = list[SourceImage]


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was measured on what. `without_face` and `unnamed` photographs took no part.

    `superfluous`: the manifest has points that reach lower rates, and keeps them.
    """

    detector: str
    source: str
    people: int
    photographs: int
    without_face: int
    unnamed: int
    found: MeasuredPairs
    measured_at: str
    superfluous: bool = False

    @property
    def measured_on(self) -> str:
        """The same in words, as the manifest keeps it."""
        return (
            f"{self.photographs:,} photographs of {self.people:,} people in {self.source} ({self.found.pairs:,} pairs "
            f"of different people, detector {self.detector}, {self.measured_at[:10]})"
        )

    @property
    def operating_points(self) -> tuple[OperatingPoint, ...]:
        """Those that are kept."""
        kept = [point for point in self.found.points if point.kept]
        return tuple(
            OperatingPoint(one.fmr, one.distance, MEASURED_HERE, self.measured_on, one.interval) for one in kept
        )

    def reaches_less_than(self, points: Sequence[OperatingPoint]) -> bool:
        """Whether others have a lower false match rate than any of these."""
        mine = min((point.fmr for point in self.operating_points), default=1.0)
        return any(point.fmr < mine for point in points)


def measure(
    images: Iterable[SourceImage],
    *,
    pipeline: Pipeline,
    workers: int,
    detector: str,
    source: str,
    on_progress: Progress,
    on_failure: OnFailure,
) -> Measurement:
    """Reference points from the largest face of every photograph that has a label.

    Raises `UsageError` where pairs of different people are too few for any of the rates.
    """
    left_out: Counter[str] = Counter()
    labels, vectors = [], []
    named = _named(readable_images(islice(images, MOST_PHOTOGRAPHS), on_failure), left_out)
    for batch, found in _described(named, pipeline, workers):
        for image, parts in zip(batch, found, strict=True):
            vector = parts[0].vector if parts else None
            if vector is None:
                left_out["empty"] += 1
            else:
                labels.append(image.label or "")
                vectors.append(vector)
        on_progress(len(batch))
    people, pairs = _measured(labels, vectors)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Measurement(
        detector, source, people, len(labels), left_out["empty"], left_out["unnamed"], found=pairs, measured_at=now
    )


def _measured(labels: list[str], vectors: list[NDArray[np.float32]]) -> tuple[int, MeasuredPairs]:
    needed = round(RULE_OF_30 / max(RATES))
    names, who = np.unique(np.array(labels, str), return_inverse=True)
    pairs = (len(who) ** 2 - int((np.bincount(who, minlength=1) ** 2).sum())) // 2
    if pairs < needed:
        raise UsageError(
            f"{len(labels)} photographs of {len(names)} people make {pairs:,} pairs of different people, and a rate of "
            f"{max(RATES):g} needs {needed:,}: give more people, each in a sub-folder of the name"
        )
    rng, ids = np.random.default_rng(SEED), np.arange(len(who))
    faces = faces_of(Labelled(ids, who.astype(np.int64), np.stack(vectors)), ids, rng)
    return len(names), measure_points(faces, rng)


def _named(images: Iterable[SourceImage], left_out: Counter[str]) -> Iterator[SourceImage]:
    for image in images:
        if image.label is None:
            left_out["unnamed"] += 1
        else:
            yield image


def _described(
    images: Iterable[SourceImage], pipeline: Pipeline, workers: int
) -> Iterator[tuple[Batch, list[list[Described]]]]:
    """Every batch with the largest face of each image."""

    def work(batch: Batch) -> list[list[Described]]:
        return pipeline.embed(pipeline.align(batch, only_largest(batch, pipeline.regions(batch))))

    waiting: Waiting[Batch, list[list[Described]]] = deque()
    return map_in_threads(batches(images, size=BATCH_IMAGES), work, workers=workers, waiting=waiting)
