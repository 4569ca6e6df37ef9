"""What a worker does with a batch: describe the images by the gallery's own pipeline, or say that it has none yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from identity.core import VERSION
from identity.core.errors import WorkersError
from identity.core.types import NewSample, SourceImage
from identity.workflows.describe import Pipeline
from identity.workflows.elsewhere.networks import Needs, Parcel
from identity.workflows.enrol_samples import ImageSamples, Policy, wanted_samples

OpenThere = Callable[[Needs], Pipeline | None]
KeepThere = Callable[[Needs, Sequence[Parcel]], None]


@dataclass(frozen=True, slots=True)
class Lacking:
    """The worker that was asked has not got the networks."""


@dataclass(frozen=True, slots=True)
class DescribeRequest:
    """Images to be described; `rows` are their places in what was read, None where they have their pixels."""

    images: tuple[SourceImage, ...]
    rows: tuple[int, ...] | None
    policy: Policy
    needs: Needs
    open_there: OpenThere
    version: str = VERSION


def described(asked: DescribeRequest, read: Sequence[SourceImage] = ()) -> list[ImageSamples] | Lacking:
    """On a worker: what each image gives, without its pixels. Raises as `wanted_samples` does."""
    require_same_version(asked.version)
    pipeline = asked.open_there(asked.needs)
    if pipeline is None:
        return Lacking()
    images = asked.images
    if asked.rows is not None:
        seen = (read[row] for row in asked.rows)
        images = tuple(
            replace(image, pixels=one.pixels, detail=one.detail) for image, one in zip(images, seen, strict=True)
        )
    return [_light(one) for one in wanted_samples(images, pipeline, asked.policy)]


def is_ready(needs: Needs, open_there: OpenThere, version: str = VERSION) -> bool:
    """On a worker: whether it has the networks, which are loaded then."""
    require_same_version(version)
    return open_there(needs) is not None


def keep(needs: Needs, sent: Sequence[Parcel], keep_there: KeepThere, open_there: OpenThere) -> bool:
    """On a worker: keep networks, and say whether they give the space that is needed."""
    keep_there(needs, sent)
    return open_there(needs) is not None


def require_same_version(version: str) -> None:
    """Raises `WorkersError` where who asks has another version of the program."""
    if version != VERSION:
        raise WorkersError(f"a worker has identity {VERSION}, and here is {version}: install the same on both")


def _light(one: ImageSamples) -> ImageSamples:
    samples: list[NewSample] = [replace(sample, image=replace(sample.image, detail=None)) for sample in one.samples]
    return replace(one, image=replace(one.image, pixels=None, detail=None), samples=samples)
