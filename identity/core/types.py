"""The values that travel between the floors: images, regions, samples, matches and verdicts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

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


@dataclass(frozen=True, slots=True)
class SourceImage:
    """One image of a source, decoded and upright, or the reason why it could not be.

    `source` is the path as the person gave it, `path` the file, `row` the index inside an IDX file,
    `label` the sub-folder's name or the IDX label verbatim.
    """

    source: str
    path: str
    row: int | None = None
    label: str | None = None
    pixels: Image | None = None
    error: str | None = None
    content: bytes = b""  # sha256 of shape and decoded pixels
    width: int = 0  # pixels; 0 where nothing could be decoded
    height: int = 0
    path_bytes: bytes | None = None  # the path's own bytes where `path` shows them escaped

    @property
    def name(self) -> str:
        """How a person finds this image again."""
        return self.path if self.row is None else f"{self.path}[{self.row}]"


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


class Verdict(StrEnum):
    """What may be said about a probe."""

    KNOWN = "known"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Match:
    """A sample near the probe."""

    rank: int
    sample: int
    identity: str | None
    distance: float
    source: str
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One identity as the decision saw it: score distance, its threshold, its conformal p-value."""

    identity: str
    distance: float
    threshold: float
    p_value: float
    accepted: bool
    enough: bool  # False: too few calibration samples, the pooled threshold stands in
    remark: str = ""  # what the threshold rests on, where that is not the gallery itself


@dataclass(frozen=True, slots=True)
class RegionVerdict:
    """The answer for one region of a probe, with its reasons. `candidates` come nearest first."""

    box: Box
    verdict: Verdict
    candidates: tuple[Candidate, ...] = ()
    matches: tuple[Match, ...] = ()
    reason: str | None = None

    @property
    def identity(self) -> str | None:
        """The identity, only where the verdict is known."""
        return self.candidates[0].identity if self.verdict is Verdict.KNOWN else None


@dataclass(frozen=True, slots=True)
class ProbeVerdict:
    """The answer for one image: an entry per region, or the error that kept it from being looked at."""

    image: SourceImage
    regions: tuple[RegionVerdict, ...] = field(default=())
    reason: str | None = None  # why there is no region, in words

    def without_pixels(self) -> ProbeVerdict:
        """The answer without the decoded image, to be kept in numbers."""
        return replace(self, image=replace(self.image, pixels=None))
