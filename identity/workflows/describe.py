"""From images to vectors: detect, align, embed. Enrolment and query go through the very same steps."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.core.ports import Aligner, Detector, Embedder
from identity.core.types import Image, Region, SourceImage


@dataclass(frozen=True, slots=True)
class Described:
    """One region of an image; `crop` and `vector` (dim,) are None where it shows nothing at all."""

    region: Region
    crop: Image | None = None
    vector: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Everything that shapes a vector."""

    detector: Detector
    aligner: Aligner
    embedder: Embedder

    @property
    def space(self) -> str:
        """Fingerprint of the three steps, sha256 in hex."""
        parts = (self.detector.fingerprint, self.aligner.fingerprint, self.embedder.fingerprint)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def describe(self, images: Sequence[SourceImage]) -> list[list[Described]]:
        """The regions of each image, best first, embedded in one batch; unreadable images have none."""
        found = self._regions(images)
        crops = [[self.aligner.align(pixels, region) for region in regions] for pixels, regions in found]
        inked = [crop for row in crops for crop in row if crop is not None]
        vectors = iter(self.embedder.embed(inked) if inked else ())
        regions = [row for _, row in found]
        return [
            [Described(part, crop, None if crop is None else next(vectors)) for part, crop in zip(*row, strict=True)]
            for row in zip(regions, crops, strict=True)
        ]

    def _regions(self, images: Sequence[SourceImage]) -> list[tuple[Image, list[Region]]]:
        nothing = np.zeros((0, 0), np.uint8)
        readable = [image.pixels for image in images if image.pixels is not None]
        detected = iter(self.detector.detect(readable))
        return [(nothing, []) if i.pixels is None else (i.pixels, next(detected)) for i in images]
