"""What one gallery consists of when it travels: its facts, and its tables as columns.

Rows are in the order of their ids; a reference to a row is its place in its table, so no id of a database is in here.
`calibration.last_sample` is the number of samples that were there when the thresholds were made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

UNIT_TOLERANCE = 1e-3


class ColumnKind(Enum):
    """What the values of a column are."""

    TEXT = "text"
    BYTES = "bytes"
    WHOLE = "whole number"
    REAL = "number"
    FLAG = "yes or no"
    PLACE = "place of a row"
    VECTOR = "vector"


@dataclass(frozen=True, slots=True)
class BundleColumn:
    """One column; `of` is the table that a place is in, `endless` allows infinite numbers."""

    name: str
    form: ColumnKind
    nullable: bool = False
    of: str = ""
    endless: bool = False


@dataclass(frozen=True, slots=True)
class BundleFacts:
    """What a gallery is."""

    name: str
    model: str
    detector: str
    space: str
    dim: int
    created_at: str


@dataclass(frozen=True, slots=True)
class GalleryRows:
    """A gallery outside every database: table, column, values. `crops` is false where they were left behind."""

    facts: BundleFacts
    tables: Mapping[str, Mapping[str, Sequence[Any]]]
    crops: bool = True

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return len(self.tables[table][TABLES[table][0].name])


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of a gallery that arrived: the gallery's name, whether it is new, and how many rows were added."""

    gallery: str
    created: bool
    known: int  # samples that were there already
    added: Mapping[str, int]  # by table


def _text(name: str, *, nullable: bool = False) -> BundleColumn:
    return BundleColumn(name, ColumnKind.TEXT, nullable)


def _bytes(name: str, *, nullable: bool = False) -> BundleColumn:
    return BundleColumn(name, ColumnKind.BYTES, nullable)


def _whole(*names: str, nullable: bool = False) -> tuple[BundleColumn, ...]:
    return tuple(BundleColumn(name, ColumnKind.WHOLE, nullable) for name in names)


def _real(name: str, *, nullable: bool = False, endless: bool = False) -> BundleColumn:
    return BundleColumn(name, ColumnKind.REAL, nullable, endless=endless)


def _flag(name: str) -> BundleColumn:
    return BundleColumn(name, ColumnKind.FLAG)


def _place(name: str, *, of: str, nullable: bool = False) -> BundleColumn:
    return BundleColumn(name, ColumnKind.PLACE, nullable, of)


TABLES: Mapping[str, tuple[BundleColumn, ...]] = {
    "identity": (_text("name"),),
    "image": (
        _bytes("content"), _text("source"), _text("path"), _bytes("path_bytes", nullable=True),
        *_whole("row", nullable=True), *_whole("width", "height"), _text("skipped", nullable=True),
    ),
    "sample": (
        _place("image", of="image"), _place("identity", of="identity", nullable=True), _text("role"),
        *_whole("x1", "y1", "x2", "y2"), _real("score"), _text("created_at"),
    ),
    "vector": (_place("sample", of="sample"), BundleColumn("vector", ColumnKind.VECTOR), *_whole("crc32")),
    "crop": (_place("sample", of="sample"), _bytes("image")),
    "quality": (_place("sample", of="sample"), _real("eyes_px"), _real("sharpness"), _real("frontal")),
    "party": (_text("decided_at"),),
    "party_member": (_place("sample", of="sample"), _place("party", of="party")),
    "refusal": (
        _place("party", of="party"), _place("sample", of="sample", nullable=True),
        _place("identity", of="identity", nullable=True), _text("decided_at"),
    ),
    "set_aside": (_place("sample", of="sample"), _text("decided_at")),
    "cluster_run": (
        _text("algo"), _text("mode"), _real("eps", nullable=True), _flag("eps_auto"), _text("eps_reason"),
        *_whole("min_samples", "min_cluster_size", "n_samples", "n_clusters", "n_noise", "next_cluster"),
        _text("note"), _text("created_at"), _text("undone_at", nullable=True),
    ),
    "core_quality": (_place("run", of="cluster_run"), _real("min_quality")),
    "cluster_label": (
        _place("run", of="cluster_run"), _place("sample", of="sample"), *_whole("cluster"), _flag("core"),
    ),
    "calibration": (
        _text("space"), _text("metric"), *_whole("k"), _text("rule"), _text("facts"), _real("ratio", endless=True),
        _text("created_at"), *_whole("last_sample", nullable=True), _bytes("pooled_scores"),
        _real("pooled_threshold", endless=True),
    ),
    "calibration_class": (
        _place("identity", of="identity"), _bytes("scores"), _real("threshold", endless=True), _flag("enough"),
        _flag("stale"),
    ),
}  # fmt: skip

# tables that bundles have from that version on; older ones have no rows
LATER = {"quality": 2, "core_quality": 2, "set_aside": 3}

DISTINCT: Mapping[str, tuple[str, ...]] = {  # columns whose values, taken together, no two rows share
    "identity": ("name",),
    "image": ("content",),
    "vector": ("sample",),
    "crop": ("sample",),
    "quality": ("sample",),
    "party_member": ("sample",),
    "set_aside": ("sample",),
    "core_quality": ("run",),
    "cluster_label": ("run", "sample"),
    "calibration_class": ("identity",),
}
