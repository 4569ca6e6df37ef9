"""The fields of a gallery in the documents `gallery`, `gallery-list` and `status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from identity.core.stores import Counts
    from identity.core.types import GalleryRecord


class GalleryFields(TypedDict):
    """What a gallery is made for and how much it holds."""

    gallery: str
    model: str
    detector: str
    space: str
    dim: int
    samples: int
    calibration_samples: int
    identities: int
    unnamed: int
    images: int
    skipped: int


def gallery_fields(gallery: GalleryRecord, counts: Counts) -> GalleryFields:
    """A gallery with its counts."""
    return {
        "gallery": gallery.name,
        "model": gallery.model,
        "detector": gallery.detector,
        "space": gallery.space,
        "dim": gallery.dim,
        "samples": counts.samples,
        "calibration_samples": counts.calibration_samples,
        "identities": counts.identities,
        "unnamed": counts.unnamed,
        "images": counts.images,
        "skipped": counts.skipped,
    }
