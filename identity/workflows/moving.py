"""Moves one gallery, and its models where wanted, to another home: out into one file, and in from one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from identity.bundles.models import IncomingModel, OutgoingModel, unpack
from identity.bundles.reading import read_bundle
from identity.bundles.writing import write_bundle
from identity.core.bundle import TABLES, Arrival
from identity.core.errors import BundleError, ModelError, StoreError, UsageError
from identity.core.model import ModelManifest
from identity.core.shown import shown_name
from identity.core.stores import Store
from identity.core.types import GalleryRecord
from identity.embedders.onnx_probe import require_bearable
from identity.zoo import manifest as manifests
from identity.zoo.adding import require_licence
from identity.zoo.folder import ModelFolder


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written: which gallery, how many rows of each table, which models, and the size of the file in bytes."""

    gallery: str
    rows: dict[str, int]
    crops: bool
    models: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What arrived, and the model that the gallery needs to answer; `installed` says whether it is here.

    `models` came out of the bundle and were installed.
    """

    arrival: Arrival
    model: str
    installed: bool
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where models of a bundle go, whether they are wanted, and whether their terms were accepted."""

    folder: ModelFolder
    wanted: bool = True
    accept_licence: bool = False


def export_gallery(
    store: Store, gallery: GalleryRecord, path: Path, *, crops: bool, models: Sequence[OutgoingModel] = ()
) -> ExportReport:
    """Write a gallery to a file. Raises `StoreError` where its rows are not what was written."""
    wrong = store.broken_seals(gallery) or (["vectors"] if store.damaged_vectors(gallery) else [])
    if wrong:
        raise StoreError(
            f"gallery '{gallery.name}' is not exported, its {' and '.join(wrong)} are not what was written: "
            "run 'identity doctor', or restore a backup"
        )
    rows = store.rows(gallery, crops=crops)
    size = write_bundle(rows, path, models)
    counts = {table: rows.count(table) for table in TABLES}
    return ExportReport(gallery.name, counts, crops, tuple(model.name for model in models), size)


def models_of(gallery: GalleryRecord, folder: ModelFolder) -> Iterator[OutgoingModel]:
    """The networks that a gallery needs to answer. Raises `NotFoundError`, `ModelError` for a damaged one."""
    for name in (gallery.model, gallery.detector):
        if name == gallery.model or folder.facts(name) is not None:  # not every detector is a network
            installed = folder.get(name)
            yield OutgoingModel(name, manifests.dump(installed.manifest).encode(), installed.path)


def import_gallery(
    store: Store, path: Path, *, name: str | None, merge_names: bool, entrance: Entrance
) -> ImportReport:
    """Put the gallery of a file into the store, under `name` or its own; nothing is written before all was checked."""
    bundle = read_bundle(path)
    missing = [one for one in bundle.models if entrance.wanted and _is_missing(one, entrance.folder)]
    with ExitStack() as places:
        for model in missing:
            described = _described(path, model)
            require_licence(described, accept_licence=entrance.accept_licence)
            copied = partial(unpack, path, model)
            places.enter_context(entrance.folder.arriving(described, copied, check=require_bearable))
        arrival = store.put_rows(bundle.rows, name=name or bundle.rows.facts.name, merge_names=merge_names)
    needed = store.galleries.get(arrival.gallery).model
    installed = entrance.folder.facts(needed) is not None
    return ImportReport(arrival, needed, installed, tuple(model.name for model in missing))


def _is_missing(model: IncomingModel, folder: ModelFolder) -> bool:
    """Whether a model is to be installed. Raises `UsageError` where another one has its name."""
    known = folder.facts(model.name)
    if known is not None and known.sha256 != model.sha256:
        raise UsageError(
            f"the model '{model.name}' that is installed is not that of the bundle: remove it with "
            f"'identity models remove {model.name}', or leave that of the bundle behind with --no-model"
        )
    return known is None


def _described(path: Path, model: IncomingModel) -> ModelManifest:
    """What a model's manifest says. Raises `BundleError` where it speaks of another model or file."""
    try:
        described = manifests.parse(model.manifest.decode())
    except (ModelError, UnicodeDecodeError) as error:
        raise _unfit(path, model, f"its manifest: {error}") from error
    if (described.name, described.file, described.sha256) != (model.name, model.file, model.sha256):
        raise _unfit(path, model, "its manifest is that of another file")
    return described


def _unfit(path: Path, model: IncomingModel, cause: str) -> BundleError:
    return BundleError(
        f"model '{model.name}' in {shown_name(path)} cannot be installed ({cause}): export the gallery again, or "
        "leave the model behind with --no-model"
    )
