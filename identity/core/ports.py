"""What the workflows ask of the outer floors, and nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np

from identity.core.calibration import Calibration
from identity.core.types import (
    Gallery,
    Ids,
    Image,
    Labelled,
    Nearest,
    NewSample,
    Region,
    Role,
    Sample,
    SourceImage,
    Vectors,
)


class Detector(Protocol):
    """Finds the regions of an image that may show an identity."""

    @property
    def fingerprint(self) -> str:
        """Everything about the detector that shapes a vector."""
        ...

    def detect(self, images: Sequence[Image]) -> list[list[Region]]:
        """Regions of each image, best first; an empty list where there is none."""
        ...


class Aligner(Protocol):
    """Cuts a region out of an image in the form the embedding network was trained on."""

    @property
    def fingerprint(self) -> str:
        """Everything about the alignment that shapes a vector."""
        ...

    def align(self, image: Image, region: Region) -> Image | None:
        """The network's input, or None where the region shows nothing at all (no ink)."""
        ...


class Embedder(Protocol):
    """Turns aligned crops into unit vectors."""

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    @property
    def fingerprint(self) -> str:
        """Digest of weights, preprocessing and normalisation."""
        ...

    def embed(self, crops: Sequence[Image]) -> Vectors:
        """Vectors (n, dim) float32, unit rows; a batch is the primitive."""
        ...


class Index(Protocol):
    """Searches one gallery's samples; disposable, the store is the truth."""

    def search(self, probes: Vectors, *, k: int) -> Nearest:
        """The k nearest samples of every identity for each probe (n, dim), exact float32 distances."""
        ...


class GalleryStore(Protocol):
    """One gallery's rows. Every writing method is one transaction."""

    @property
    def gallery(self) -> Gallery:
        """The gallery as it stands now."""
        ...

    def seen(self, contents: Sequence[bytes]) -> set[bytes]:
        """Which of these image contents are in the gallery already."""
        ...

    def add(self, samples: Sequence[NewSample], *, skipped: Sequence[tuple[SourceImage, str]]) -> int:
        """Write one enrolled batch, and why images were skipped; how many samples went in."""
        ...

    def vectors(self, role: Role) -> Labelled:
        """All vectors of a role, checked against their crc32."""
        ...

    def identities(self) -> Mapping[int, str]:
        """Identity names by id."""
        ...

    def samples(self, ids: Iterable[int]) -> Mapping[int, Sample]:
        """Stored samples by id."""
        ...

    def calibration(self) -> Calibration | None:
        """The calibration in force."""
        ...

    def put_calibration(self, calibration: Calibration) -> None:
        """Replace the calibration in force."""
        ...


def gather(labelled: Labelled, chosen: np.ndarray) -> Labelled:
    """Rows of `labelled` picked by a boolean mask or an index array."""
    ids: Ids = labelled.ids[chosen]
    return Labelled(ids, labelled.identities[chosen], labelled.vectors[chosen])
