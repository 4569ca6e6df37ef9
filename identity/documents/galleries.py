"""The documents `identity.gallery/2`, `identity.gallery-list/1` and `identity.status/1`: what there is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from typing_extensions import TypedDict

from identity.core.search_engine import engine_for
from identity.documents.calibration import CalibrationFields, calibration_fields
from identity.documents.databases import DatabaseSystemFields, database_system_fields

if TYPE_CHECKING:
    from identity.core.calibration import Calibration
    from identity.core.stores import Counts
    from identity.core.types import GalleryRecord
    from identity.gallery import Gallery
    from identity.home import Home


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


class ShownGalleryFields(GalleryFields):
    """A gallery, the engine that its shape asks for, and the calibration in force; null where there is none."""

    search: Literal["flat", "certified"]
    calibration: CalibrationFields | None


class GalleryListFields(TypedDict):
    """All galleries by name."""

    galleries: list[GalleryFields]


class GalleryStatusFields(GalleryFields):
    """Whether a gallery can answer; `outside_snapshot` are the samples that its index file does not hold yet."""

    thresholds: str
    outside_snapshot: int
    snapshot: bool


class StatusFields(TypedDict):
    """Where everything lies."""

    home: str
    database: str  # its address, without a password
    database_system: DatabaseSystemFields
    default_gallery: str  # the one that is meant where none is named
    models: list[str]
    galleries: list[GalleryStatusFields]


def gallery_list_fields(found: Iterable[tuple[GalleryRecord, Counts]]) -> GalleryListFields:
    """Galleries in the order given."""
    return {"galleries": [gallery_fields(*row) for row in found]}


def shown_gallery_fields(gallery: GalleryFields, calibration: Calibration | None) -> ShownGalleryFields:
    """A gallery with its calibration."""
    named = gallery["samples"] - gallery["unnamed"]
    engine = engine_for(samples=gallery["samples"], named=named, identities=gallery["identities"])
    in_force = None if calibration is None else calibration_fields(calibration)
    return {**gallery, "search": engine.value, "calibration": in_force}


def status_fields(home: Home) -> StatusFields:
    """A home with the state of every gallery."""
    return {
        "home": str(home.settings.home),
        "database": home.settings.shown_database,
        "database_system": database_system_fields(home.store.system),
        "default_gallery": home.default_gallery,
        "models": [installed.manifest.name for installed in home.models.list()],
        "galleries": [_status(home.open_gallery(row[0].name), gallery_fields(*row)) for row in home.galleries()],
    }


def _status(opened: Gallery, fields: GalleryFields) -> GalleryStatusFields:
    state = opened.store.search_state(opened.snapshots.held(opened.store.gallery))
    return {
        **fields,
        "thresholds": _thresholds(opened.thresholds()),
        "outside_snapshot": fields["samples"] if state is None else state.outside,
        "snapshot": state is not None and state.snapshot is not None,
    }


def _thresholds(calibration: Calibration | None) -> str:
    from identity.core.rules.table import rule_of

    if calibration is None:
        return "none"
    return f"{rule_of(calibration).summary(calibration)}{', stale' if calibration.stale else ''}"


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
