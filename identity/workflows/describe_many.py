"""How many images become samples: what enrolment asks of whoever reads and describes them, and the way of this process.

Another way is `workflows.elsewhere`: other processes and machines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from identity.core.types import Region, SourceImage
from identity.core.watching import OnUnread, nobody
from identity.workflows.batches import batches
from identity.workflows.describe import Pipeline
from identity.workflows.enrol_samples import ImageSamples, Policy, wanted_samples

BATCH_IMAGES = 512


class Read(Protocol):
    """Opens what a person gave as images."""

    def __call__(self, images: Any, *, on_unread: OnUnread = nobody) -> Iterator[SourceImage]:
        """The images in order; `on_unread` is told of files that look like pictures and are not read."""
        ...


class DescribeMany(Protocol):
    """Reads images and says what enrolment takes of them."""

    @property
    def at_once(self) -> int:
        """How many threads may ask for samples at once."""
        ...

    @property
    def read(self) -> Read:
        """What opens the images that a person gave."""
        ...

    def batches(self, images: Iterable[SourceImage]) -> Iterator[list[SourceImage]]:
        """Images in lists, each to be asked for, and written, at once."""
        ...

    def samples(self, images: Sequence[SourceImage], policy: Policy) -> list[ImageSamples]:
        """What each image of one batch gives. Raises `UsageError` where they are not what the gallery is meant for."""
        ...

    def regions(self, images: Sequence[SourceImage]) -> list[list[Region]]:
        """Where each of a few images shows something."""
        ...


def _decoded(images: Any, *, on_unread: OnUnread = nobody) -> Iterator[SourceImage]:  # noqa: ARG001
    return iter(images)


@dataclass(frozen=True, slots=True)
class Here:
    """In threads of this process."""

    pipeline: Pipeline
    at_once: int = 1
    read: Read = _decoded

    def batches(self, images: Iterable[SourceImage]) -> Iterator[list[SourceImage]]:
        """Images in lists that bound the memory."""
        return batches(images, size=BATCH_IMAGES)

    def samples(self, images: Sequence[SourceImage], policy: Policy) -> list[ImageSamples]:
        """What each image of one batch gives. Raises `UsageError` where they are not what the gallery is meant for."""
        return wanted_samples(images, self.pipeline, policy)

    def regions(self, images: Sequence[SourceImage]) -> list[list[Region]]:
        """Where each image shows something."""
        return self.pipeline.regions(images)
