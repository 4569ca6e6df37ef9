"""What turns images into vectors, as the workflows ask it: find, cut out, embed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from identity.core.types import Image, Region, Vectors


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

    @property
    def size_px(self) -> int:
        """How many pixels a region's shorter side should have, so that nothing is enlarged."""
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
