"""The documents `identity.models/1` and `identity.model/1`: installed networks, and those of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from identity.core.model import OperatingPoint
    from identity.zoo.folder import InstalledModel
    from identity.zoo.release import Entry


class OperatingPointFields(TypedDict):
    """How often two different people were nearer than a distance, and who saw that on what."""

    fmr: float
    distance: float
    measured_by: str
    measured_on: str
    interval: list[float] | None  # 95 % of the rate among other people


class RecommendationFields(TypedDict):
    """A distance that the publisher recommends, and all that is stated of it: no error rate."""

    distance: float
    stated: str


class ModelFields(TypedDict):
    """An installed model."""

    name: str
    kind: str
    dim: int
    file: str
    bytes: int
    sha256: str
    alignment: str
    licence: str
    source: str
    operating_points: list[OperatingPointFields]
    recommended: RecommendationFields | None
    training: dict[str, Any] | None  # as whoever trained it wrote it down
    shipped: bool


class OfferFields(TypedDict):
    """A model that the catalogue knows. Without an address it is made of published files, or comes from yours."""

    name: str
    kind: str
    dim: int
    file: str
    bytes: int | None
    sha256: str | None
    licence: str
    restricted: bool
    source: str
    address: str | None
    made_of: list[str]


class ModelsFields(TypedDict):
    """What is installed, and what could be."""

    models: list[ModelFields]
    catalogue: list[OfferFields]


def models_fields(installed: Sequence[InstalledModel], offered: Sequence[Entry]) -> ModelsFields:
    """Both lists."""
    return {"models": [model_fields(one) for one in installed], "catalogue": [_offer(one) for one in offered]}


def model_fields(installed: InstalledModel) -> ModelFields:
    """A model's facts; the curve of its training is only drawn."""
    manifest, recommended = installed.manifest, installed.manifest.recommended
    training = {key: fact for key, fact in (manifest.training or {}).items() if key != "curve"}
    return {
        "name": manifest.name,
        "kind": manifest.kind,
        "dim": manifest.dim,
        "file": str(installed.path),
        "bytes": manifest.bytes,
        "sha256": manifest.sha256,
        "alignment": manifest.alignment,
        "licence": manifest.licence,
        "source": manifest.source,
        "operating_points": [_point(one) for one in manifest.operating_points],
        "recommended": None if recommended is None else cast("RecommendationFields", asdict(recommended)),
        "training": training or None,
        "shipped": installed.shipped,
    }


def _point(point: OperatingPoint) -> OperatingPointFields:
    return {
        "fmr": point.fmr,
        "distance": point.distance,
        "measured_by": point.measured_by,
        "measured_on": point.measured_on,
        "interval": None if point.interval is None else list(point.interval),
    }


def _offer(entry: Entry) -> OfferFields:
    manifest, release = entry.manifest, entry.release
    return {
        "name": manifest.name,
        "kind": manifest.kind,
        "dim": manifest.dim,
        "file": release.member or release.file,
        "bytes": manifest.bytes or None,
        "sha256": manifest.sha256 or None,
        "licence": manifest.licence,
        "restricted": release.restricted,
        "source": manifest.source,
        "address": release.address if "://" in release.address else None,
        "made_of": [part.address for part in release.made_of],
    }
