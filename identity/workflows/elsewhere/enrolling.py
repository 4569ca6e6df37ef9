"""Enrolment's way through workers: what they read is asked about here, and only what is new is described there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from identity.core.errors import KilledWorkersError, WorkersError
from identity.core.stopping import STOPPING
from identity.core.types import Region, SourceImage
from identity.core.workers import Task, Workers
from identity.workflows.batches import MOST_PIXELS
from identity.workflows.describe import Pipeline
from identity.workflows.describe_many import BATCH_IMAGES, Read
from identity.workflows.elsewhere.describing import (
    DescribeRequest,
    KeepThere,
    Lacking,
    OpenThere,
    described,
    is_ready,
    keep,
)
from identity.workflows.elsewhere.networks import Needs, Parcel, require_space
from identity.workflows.elsewhere.reading import KILLED, TRIES_ALONE, ReadThere
from identity.workflows.enrol_samples import ImageSamples, Policy
from identity.workflows.image_paths import with_absolute_path

MOST_TRIES = 20  # to find a worker that has the networks, while others come


@dataclass(slots=True)
class Elsewhere:
    """By workers; whichever of them has not got the networks is sent them, once.

    `at_once` is fixed by the workers who are there in the beginning; who comes later shares their work.
    """

    workers: Workers
    read: Read
    needs: Needs
    open_there: OpenThere
    keep_there: KeepThere
    parcels: Callable[[], list[Parcel]]
    here: Callable[[], Pipeline]  # for the few images that labels are asked of
    at_once: int
    alone: Lock  # held while what is suspected to kill workers is tried
    _ready: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def batches(self, images: Iterable[SourceImage]) -> Iterator[list[SourceImage]]:
        """Images that one worker read together; those that were read here by their pixels."""
        self.prepare()
        batch: list[SourceImage] = []
        task: Task[Any] | None = None
        pixels = 0
        for image in images:
            its = image.detail.task if isinstance(image.detail, ReadThere) else None
            other = image.error is None and batch and its is not task
            if other or len(batch) >= BATCH_IMAGES or pixels >= MOST_PIXELS // 2:
                STOPPING.check()
                yield batch
                batch, pixels = [], 0
            task = its if image.error is None else task
            batch.append(image)
            pixels += 0 if image.pixels is None else image.pixels.size
        if batch:
            yield batch

    def samples(self, images: Sequence[SourceImage], policy: Policy) -> list[ImageSamples]:
        """What each image of one batch gives; one that kills workers carries that as its error."""
        if not images:
            return []
        try:
            done = self._described(images, policy.elsewhere())
        except KilledWorkersError:
            done = [self._alone(image, policy.elsewhere()) for image in images]
        return [replace(one, image=image) for one, image in zip(done, images, strict=True)]

    def _alone(self, image: SourceImage, policy: Policy) -> ImageSamples:
        """One image of those that were described when workers were killed: the others are innocent."""
        for _ in range(TRIES_ALONE):
            with self.alone, suppress(KilledWorkersError):
                detail = image.detail.anew(self.workers) if isinstance(image.detail, ReadThere) else None
                return self._described([replace(image, detail=detail)], policy)[0]
        return ImageSamples(image, [], [], f"{image.name} {KILLED}")

    def regions(self, images: Sequence[SourceImage]) -> list[list[Region]]:
        """Where each image shows something, looked for here."""
        return self.here().regions(images)

    def prepare(self, *, everybody: bool = False) -> None:
        """See that who came since, or everybody, has the networks.

        Raises `SpaceMismatchError` where they give another space.
        """
        with self._lock:
            new = [one for one in self.workers.names() if everybody or one not in self._ready]
            given = self.needs, self.open_there
            asked = [self.workers.begin(is_ready, *given, urgent=True, at=one) for one in new]
            for one, answer in zip(new, asked, strict=True):
                try:
                    if not answer.result():
                        self._send(one)
                except KilledWorkersError:  # it is gone, and others do its work
                    continue
                self._ready.add(one)

    def _send(self, one: str) -> None:
        sent = self.workers.begin(
            keep, self.needs, self.parcels(), self.keep_there, self.open_there, urgent=True, at=one
        )
        require_space(self.needs, one, there=sent.result())

    def _described(self, images: Sequence[SourceImage], policy: Policy) -> list[ImageSamples]:
        asked, given = self._asked(images, policy)
        for tries in range(MOST_TRIES):
            done = self.workers.begin(described, asked, *given, urgent=True).result()
            if not isinstance(done, Lacking):
                return done
            self.prepare(everybody=tries >= 2)  # one that had them may have lost them
        raise WorkersError(
            f"workers lose model '{self.needs.model}' that they were sent: look after their disks, then run the "
            "command again for the rest"
        )

    def _asked(self, images: Sequence[SourceImage], policy: Policy) -> tuple[DescribeRequest, list[Task[Any]]]:
        there = [image.detail for image in images if isinstance(image.detail, ReadThere)]
        light = tuple(replace(with_absolute_path(image), detail=None) for image in images)
        rows = tuple(one.row for one in there) if there else None
        return DescribeRequest(light, rows, policy, self.needs, self.open_there), [one.task for one in there[:1]]
