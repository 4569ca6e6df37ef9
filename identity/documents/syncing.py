"""The document `identity.sync/1`: what a folder has that the gallery had not, and what it has no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from identity.documents.enrolment import EnrolFields, enrol_fields

if TYPE_CHECKING:
    from identity.gallery.syncing import SyncReport


class SyncFields(EnrolFields):
    """As of an enrolment; `unchanged` files were not read, `doubtful` of those `gone` are kept, samples `forgotten`."""

    unchanged: int
    gone: list[str]
    doubtful: int
    forgotten: int


def sync_fields(gallery: str, report: SyncReport) -> SyncFields:
    """What the report says."""
    return {
        **enrol_fields(gallery, report.enrolled),
        "unchanged": report.unchanged,
        "gone": list(report.gone),
        "doubtful": report.doubtful,
        "forgotten": report.forgotten,
    }
