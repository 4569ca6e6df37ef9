"""The document `identity.reembed/1`: what a gallery was embedded anew from, and whether it is in its new space."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import TypedDict

from identity.core.reembedding import Origin

if TYPE_CHECKING:
    from identity.workflows.reembed import ReembedReport


class ReembedFields(TypedDict):
    """New vectors by what they were made from; `missing` are samples of which neither photograph nor crop is left.

    `switched` where the new space is in force; then the thresholds are gone, and `calibrate` makes new ones.
    """

    gallery: str
    model: str
    detector: str
    space: str
    dim: int
    dry_run: bool
    from_files: int
    from_crops: int
    missing: list[int]
    switched: bool


def reembed_fields(gallery: str, report: ReembedReport, *, dry_run: bool) -> ReembedFields:
    """What the report says."""
    to = report.destination
    return {
        "gallery": gallery,
        "model": to.model,
        "detector": to.detector,
        "space": to.space,
        "dim": to.dim,
        "dry_run": dry_run,
        "from_files": report.made.get(Origin.FILE, 0),
        "from_crops": report.made.get(Origin.CROP, 0),
        "missing": list(report.missing),
        "switched": report.gallery is not None,
    }
