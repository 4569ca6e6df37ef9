"""The values that travel between the floors: images, regions, samples and vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from identity.core.face_quality import FaceMeasures, FaceQuality, quality_of

Image: TypeAlias = NDArray[np.uint8]  # (h, w) grey or (h, w, 3) RGB
Vectors: TypeAlias = NDArray[np.float32]  # (n, dim), unit rows
Distances: TypeAlias = NDArray[np.float32]  # cosine distance, 0..2; inf where there is no such sample
Ids: TypeAlias = NDArray[np.int64]

NO_ID = -1  # fills the place of a sample or an identity that is not there


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the upright image: left, top, right, bottom, right and bottom excluded."""

    x1: int
    y1: int
    x2: int
    y2: int

    def as_list(self) -> list[int]:
        """The four numbers in the order every document writes them."""
        return [self.x1, self.y1, self.x2, self.y2]


class Detail(Protocol):
    """The full photograph behind a reduced picture, read again where it is needed."""

    def parts(self, boxes: Sequence[Box]) -> list[Image] | None:
        """These parts, every pixel of them; None where it cannot be read any more."""
        ...

    def content(self) -> bytes | None:
        """sha256 of shape and all decoded pixels, by which earlier versions know it; None where it cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class SourceImage:
    """One image of a source, decoded and upright, or the reason why it could not be.

    `pixels` may be reduced: one for `reduced` x `reduced` of the photograph; `detail` reads the others.
    `source` is the path as the person gave it, `path` the file, `row` the index inside an IDX file, `label` the
    sub-folder's name or the IDX label verbatim.
    """

    source: str
    path: str
    row: int | None = None
    label: str | None = None
    pixels: Image | None = None
    error: str | None = None
    content: bytes = b""  # sha256 of shape and decoded pixels; of a reduced JPEG, of what it was compressed to
    width: int = 0  # pixels of the photograph; 0 where nothing could be decoded
    height: int = 0
    path_bytes: bytes | None = None  # the path's own bytes where `path` shows them escaped
    reduced: int = 1
    detail: Detail | None = field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """How a person finds this image again."""
        return self.path if self.row is None else f"{self.path}[{self.row}]"


@dataclass(frozen=True, slots=True)
class UnreadFiles:
    """Files in folders that look like pictures or videos and are not read: their ending, how many, and why."""

    ending: str
    files: int
    reason: str

    def __str__(self) -> str:
        """As a person is told."""
        return f"{self.files} {self.ending} not read: {self.reason}"


@dataclass(frozen=True, slots=True)
class Region:
    """A part of an image that a detector found: its box, score 0..1 and, for faces, five landmarks (5, 2)."""

    box: Box
    score: float = 1.0
    landmarks: NDArray[np.float32] | None = None


class Role(StrEnum):
    """What a sample is for: `gallery` samples are searched, `calibration` samples set thresholds. Never both."""

    GALLERY = "gallery"
    CALIBRATION = "calibration"


@dataclass(frozen=True, slots=True)
class NewSample:
    """A sample on its way into the store: where it was seen, what it is for, and its vector (dim,)."""

    image: SourceImage
    box: Box
    vector: NDArray[np.float32]
    identity: str | None
    role: Role
    score: float = 1.0
    crop: bytes | None = None  # encoded image for people to look at
    measures: FaceMeasures | None = None  # of a face


@dataclass(frozen=True, slots=True)
class Sample:
    """A stored sample as people see it."""

    id: int
    identity: str | None
    role: Role
    source: str
    row: int | None
    box: Box
    score: float
    measures: FaceMeasures | None = None  # of a face that was measured when it was enrolled

    @property
    def quality(self) -> FaceQuality | None:
        """The quality of a face that was measured."""
        return None if self.measures is None else quality_of(self.measures, self.score)


@dataclass(frozen=True, slots=True)
class SeenImage:
    """A stored image with the samples that were seen in it, whose boxes are in pixels of this width and height."""

    id: int
    path: str | bytes  # bytes where the name is not UTF-8
    row: int | None
    content: bytes
    width: int
    height: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class GalleryRecord:
    """A named set of samples that share one space. `changes` grows with every write."""

    id: int
    uuid: str
    name: str
    model: str
    detector: str
    space: str
    dim: int
    changes: int = 0


@dataclass(frozen=True, slots=True)
class Labelled:
    """Vectors with the identities they belong to: rows of `vectors`, `ids` and `identities` go together."""

    ids: Ids  # (n,) sample ids
    identities: Ids  # (n,) identity ids, NO_ID where nobody named the sample yet
    vectors: Vectors  # (n, dim)
