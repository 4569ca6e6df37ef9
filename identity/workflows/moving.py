"""Moves one gallery to another home: out into one file, and in from one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from identity.bundles.reading import read_bundle
from identity.bundles.writing import write_bundle
from identity.core.bundle import TABLES, Arrival
from identity.core.errors import StoreError
from identity.core.stores import Store
from identity.core.types import GalleryRecord


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written: which gallery, how many rows of each table, and the size of the file in bytes."""

    gallery: str
    rows: dict[str, int]
    crops: bool
    size: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What arrived, and the model that the gallery needs to answer; `installed` says whether it is here."""

    arrival: Arrival
    model: str
    installed: bool


def export_gallery(store: Store, gallery: GalleryRecord, path: Path, *, crops: bool) -> ExportReport:
    """Write a gallery to a file. Raises `StoreError` where its rows are not what was written."""
    wrong = store.broken_seals(gallery) or (["vectors"] if store.damaged_vectors(gallery) else [])
    if wrong:
        raise StoreError(
            f"gallery '{gallery.name}' is not exported, its {' and '.join(wrong)} are not what was written: "
            "run 'identity doctor', or restore a backup"
        )
    rows = store.rows(gallery, crops=crops)
    size = write_bundle(rows, path)
    return ExportReport(gallery.name, {table: rows.count(table) for table in TABLES}, crops, size)


def import_gallery(
    store: Store, path: Path, *, name: str | None, merge_names: bool, has_model: Callable[[str], bool]
) -> ImportReport:
    """Put the gallery of a file into the store, under `name` or its own; nothing is written before all was checked."""
    rows = read_bundle(path)
    arrival = store.put_rows(rows, name=name or rows.facts.name, merge_names=merge_names)
    model = store.galleries.get(arrival.gallery).model
    return ImportReport(arrival, model, has_model(model))
