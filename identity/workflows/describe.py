"""From images to vectors: detect, align, embed. Enrolment and query go through the very same steps."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from identity.core.detail import cut_outs, in_photograph
from identity.core.pipeline_ports import Aligner, Detector, Embedder
from identity.core.types import Image, Region, SourceImage


@dataclass(frozen=True, slots=True)
class Described:
    """One region of an image; `crop` and `vector` (dim,) are None where it shows nothing at all."""

    region: Region
    crop: Image | None = None
    vector: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Everything that shapes a vector. One object may serve several threads."""

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
        return self.embed(self.align(images, self.regions(images)))

    def regions(self, images: Sequence[SourceImage]) -> list[list[Region]]:
        """Where each image shows something, best first."""
        detected = iter(self.detector.detect([image.pixels for image in images if image.pixels is not None]))
        found = [[] if image.pixels is None else next(detected) for image in images]
        return [[in_photograph(region, image) for region in row] for row, image in zip(found, images, strict=True)]

    def align(self, images: Sequence[SourceImage], regions: Sequence[Sequence[Region]]) -> list[list[Described]]:
        """These regions of each image, cut out as the network wants them, without vectors yet."""
        return [self._align(image, row) for image, row in zip(images, regions, strict=True)]

    def _align(self, image: SourceImage, regions: Sequence[Region]) -> list[Described]:
        if image.pixels is None or not regions:
            return []
        size_px = 0 if image.reduced == 1 else self.aligner.size_px
        cut = zip(regions, cut_outs(image, regions, size_px), strict=True)
        return [Described(region, self.aligner.align(pixels, there)) for region, (pixels, there) in cut]

    def embed(self, aligned: Sequence[Sequence[Described]]) -> list[list[Described]]:
        """The same with vectors, all crops embedded in one batch."""
        crops = [part.crop for row in aligned for part in row if part.crop is not None]
        vectors = iter(self.embedder.embed(crops) if crops else ())
        return [[replace(part, vector=None if part.crop is None else next(vectors)) for part in row] for row in aligned]
