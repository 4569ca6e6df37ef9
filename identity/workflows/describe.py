"""From images to vectors: detect, align, embed. Enrolment and query go through the very same steps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
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


Pick = Callable[[SourceImage, list[Region]], list[Region]]  # which regions are wanted, before any is embedded
Keep = Callable[[SourceImage, Image], bool]  # which aligned crops are good enough


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

    def describe(
        self, images: Sequence[SourceImage], *, pick: Pick | None = None, keep: Keep | None = None
    ) -> list[list[Described]]:
        """The regions of each image, best first, embedded in one batch; unreadable images have none.

        Regions that are not picked and crops that are not kept are left out, and not embedded.
        """
        found = self._regions(images)
        if pick is not None:
            found = [(pixels, pick(image, rows)) for image, (pixels, rows) in zip(images, found, strict=True)]
        aligned = [
            [(region, self.aligner.align(pixels, region)) for region in regions] for pixels, regions in found
        ]
        if keep is not None:
            aligned = [
                [(region, crop) for region, crop in row if crop is None or keep(image, crop)]
                for image, row in zip(images, aligned, strict=True)
            ]
        return self._embed(aligned)

    def _embed(self, aligned: Sequence[Sequence[tuple[Region, Image | None]]]) -> list[list[Described]]:
        inked = [crop for row in aligned for _, crop in row if crop is not None]
        vectors = iter(self.embedder.embed(inked) if inked else ())
        return [
            [Described(region, crop, None if crop is None else next(vectors)) for region, crop in row]
            for row in aligned
        ]

    def _regions(self, images: Sequence[SourceImage]) -> list[tuple[Image, list[Region]]]:
        nothing = np.zeros((0, 0), np.uint8)
        readable = [image.pixels for image in images if image.pixels is not None]
        detected = iter(self.detector.detect(readable))
        return [(nothing, []) if i.pixels is None else (i.pixels, next(detected)) for i in images]
