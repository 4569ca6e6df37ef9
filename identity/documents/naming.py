"""The documents `identity.export-xmp/1` and `identity.import-xmp/1`: names into the files of photographs, and out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from typing_extensions import TypedDict

from identity.documents.enrolment import FailureFields
from identity.documents.text import shown_name

if TYPE_CHECKING:
    from identity.workflows.region_names import NamedRegion
    from identity.workflows.xmp_export import NamedPhotograph, XmpExport
    from identity.workflows.xmp_import import XmpImport
    from identity.xmp.merging import Disagreement


class DisagreementFields(TypedDict):
    """A face that a file calls otherwise than the gallery does; the file keeps its name."""

    sample: int
    identity: str
    in_file: str


class NamedPhotographFields(TypedDict):
    """What becomes of one photograph; `problem` says why it gets no names."""

    path: str
    target: str
    way: str
    names: list[str]
    change: bool
    disagreements: list[DisagreementFields]
    problem: str | None


class ExportXmpFields(TypedDict):
    """Every photograph that is or was named. `written` is false where it was only planned."""

    gallery: str
    written: bool
    sidecars: int
    files: int
    unchanged: int
    failed: int
    photographs: list[NamedPhotographFields]


class NamedRegionFields(TypedDict):
    """A region that bears a name, and what it met: `named`, `known`, `conflict` or `no face`.

    `sample` is the stored face that it overlaps, `identity` what the gallery called it before.
    """

    path: str
    name: str
    met: str
    sample: int | None
    identity: str | None


class ImportXmpFields(TypedDict):
    """The regions that were found; `unknown` are photographs with names in them that the gallery has not seen."""

    gallery: str
    written: bool
    images: int
    named: int
    known: int
    conflicts: int
    without_face: int
    regions: list[NamedRegionFields]
    unknown: list[str]
    failures: list[FailureFields]


def export_xmp_fields(export: XmpExport) -> ExportXmpFields:
    """What the export says; `sidecars` and `files` count what was written, or would be."""
    changed = [one for one in export.photographs if one.packet is not None and one.problem is None]
    ways = Counter(one.way.value for one in changed)
    failed = sum(one.problem is not None for one in export.photographs)
    return {
        "gallery": export.gallery,
        "written": export.written,
        "sidecars": ways["sidecar"],
        "files": ways["file"],
        "unchanged": len(export.photographs) - len(changed) - failed,
        "failed": failed,
        "photographs": [_photograph(one) for one in export.photographs],
    }


def _photograph(one: NamedPhotograph) -> NamedPhotographFields:
    return {
        "path": shown_name(one.path),
        "target": shown_name(one.target),
        "way": one.way.value,
        "names": list(one.names),
        "change": one.packet is not None and one.problem is None,
        "disagreements": [_disagreement(each) for each in one.disagreements],
        "problem": one.problem,
    }


def _disagreement(one: Disagreement) -> DisagreementFields:
    return {"sample": one.sample, "identity": one.ours, "in_file": one.theirs}


def import_xmp_fields(made: XmpImport) -> ImportXmpFields:
    """What the import says; `named` counts faces that got a name, or would."""
    counts = Counter(one.met.value for one in made.regions)
    return {
        "gallery": made.gallery,
        "written": made.written,
        "images": made.images,
        "named": counts["named"],
        "known": counts["known"],
        "conflicts": counts["conflict"],
        "without_face": counts["no face"],
        "regions": [_region(one) for one in made.regions],
        "unknown": [shown_name(path) for path in made.unknown],
        "failures": [{"source": shown_name(path), "error": error} for path, error in made.failed],
    }


def _region(one: NamedRegion) -> NamedRegionFields:
    return {
        "path": shown_name(one.path),
        "name": one.name,
        "met": one.met.value,
        "sample": one.sample,
        "identity": one.identity,
    }
