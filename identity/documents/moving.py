"""The documents `export-bundle`, `import-bundle` and `export-parquet`: a gallery on its way elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from identity.workflows.moving import ExportReport, ImportReport
    from identity.workflows.table_export import TableExport


class MovedRows(TypedDict):
    """How many of each went along."""

    images: int
    samples: int
    crops: int
    identities: int
    parties: int
    refusals: int
    cluster_runs: int
    calibrations: int


class ExportFields(TypedDict):
    """What a bundle holds, and its size in bytes; `with_crops` is false where crops were left behind."""

    gallery: str
    bytes: int
    with_crops: bool
    models: list[str]
    rows: MovedRows


class ImportFields(TypedDict):
    """What a gallery got out of a bundle; `known` samples were there already and were left as they are.

    `created` where the gallery is new. Without `model_installed` it answers once its model is. `models` came with it.
    """

    gallery: str
    created: bool
    known: int
    added: MovedRows
    model: str
    model_installed: bool
    models: list[str]


class ExportParquetFields(TypedDict):
    """What a table holds: rows, numbers of a vector, and its size in bytes."""

    gallery: str
    rows: int
    dimensions: int
    bytes: int


def export_fields(report: ExportReport) -> ExportFields:
    """What the report says."""
    return {
        "gallery": report.gallery,
        "bytes": report.size,
        "with_crops": report.crops,
        "models": list(report.models),
        "rows": _rows(report.rows),
    }


def import_fields(report: ImportReport) -> ImportFields:
    """What the report says."""
    arrival = report.arrival
    return {
        "gallery": arrival.gallery,
        "created": arrival.created,
        "known": arrival.known,
        "added": _rows(arrival.added),
        "model": report.model,
        "model_installed": report.installed,
        "models": list(report.models),
    }


def export_parquet_fields(made: TableExport) -> ExportParquetFields:
    """What was written."""
    return {"gallery": made.gallery, "rows": made.rows, "dimensions": made.dim, "bytes": made.size}


def _rows(counts: Mapping[str, int]) -> MovedRows:
    return {
        "images": counts["image"],
        "samples": counts["sample"],
        "crops": counts["crop"],
        "identities": counts["identity"],
        "parties": counts["party"],
        "refusals": counts["refusal"],
        "cluster_runs": counts["cluster_run"],
        "calibrations": counts["calibration"],
    }
