"""Stored samples in documents, as `identity.samples/1` lists them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from identity.core.types import Sample


class FaceQualityFields(TypedDict):
    """A face's quality, 0 to 1, and its worst side in words."""

    value: float
    reason: str


class PlacedFields(TypedDict):
    """A sample and where it was seen."""

    id: int
    source: str
    row: int | None
    box: list[int]
    quality: FaceQualityFields | None


class SampleFields(TypedDict):
    """A stored sample."""

    id: int
    identity: str | None
    role: str
    source: str
    row: int | None
    box: list[int]
    score: float
    quality: FaceQualityFields | None


class SamplesFields(TypedDict):
    """Samples by id."""

    samples: list[SampleFields]


def placed_fields(sample: Sample) -> PlacedFields:
    """A sample and where it was seen."""
    return {
        "id": sample.id,
        "source": sample.source,
        "row": sample.row,
        "box": sample.box.as_list(),
        "quality": quality_fields_of(sample),
    }


def quality_fields_of(sample: Sample) -> FaceQualityFields | None:
    """The quality of a face that was measured."""
    quality = sample.quality
    return None if quality is None else {"value": round(quality.value, 3), "reason": quality.reason}


def samples_fields(found: Iterable[Sample]) -> SamplesFields:
    """Samples in the order given."""
    return {"samples": [_sample(sample) for sample in found]}


def _sample(sample: Sample) -> SampleFields:
    return {
        "id": sample.id,
        "identity": sample.identity,
        "role": sample.role.value,
        "source": sample.source,
        "row": sample.row,
        "box": sample.box.as_list(),
        "score": sample.score,
        "quality": quality_fields_of(sample),
    }
