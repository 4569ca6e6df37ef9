"""The document `identity.enroll/1`: what became of the images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from identity.workflows.enroll import EnrolReport

NOT_KEPT = "(name not kept)"


class FailureFields(TypedDict):
    """An image that could not be read, and why."""

    source: str
    error: str | None


class LabelConflictFields(TypedDict):
    """An image whose label is not what its sample is called; `sample` is null where none of its faces was chosen."""

    source: str
    label: str
    sample: int | None
    identity: str | None


class SecondLookFields(TypedDict):
    """What labels and places said anew of images that the gallery had: samples named, files that moved."""

    named: int
    moved: int
    conflicts: list[LabelConflictFields]
    unmatched_labels: list[str]


class UnreadFields(TypedDict):
    """Files in folders that look like pictures or videos and are not read: their ending, how many, and why."""

    ending: str
    files: int
    reason: str


class EnrolFields(SecondLookFields):
    """Counts of images and samples; `skipped` counts by reason."""

    gallery: str
    images: int
    gallery_samples: int
    calibration_samples: int
    duplicates: int
    skipped: dict[str, int]
    failed: list[FailureFields]
    unread: list[UnreadFields]


def second_look_fields(report: EnrolReport) -> SecondLookFields:
    """What a second look at known images found."""
    return {
        "named": report.named,
        "moved": report.moved,
        "conflicts": [
            {"source": one.source, "label": one.label, "sample": one.sample, "identity": one.identity}
            for one in report.conflicts
        ],
        "unmatched_labels": list(report.unmatched),
    }


def enrol_fields(gallery: str, report: EnrolReport) -> EnrolFields:
    """What the report says."""
    return {
        "gallery": gallery,
        "images": report.images,
        "gallery_samples": report.gallery,
        "calibration_samples": report.calibration,
        "duplicates": report.duplicates,
        **second_look_fields(report),
        "skipped": dict(report.skipped),
        "failed": [{"source": name, "error": error} for name, error in report.failed],
        "unread": [
            {"ending": one.ending, "files": one.files, "reason": one.reason} for one in report.unread
        ],
    }


def without_names(report: EnrolFields) -> EnrolFields:
    """The same counts without names of files and people, for a place where it is kept."""
    conflicts: list[LabelConflictFields] = [
        {"source": NOT_KEPT, "label": NOT_KEPT, "sample": each["sample"], "identity": None}
        for each in report["conflicts"]
    ]
    failed: list[FailureFields] = [{"source": NOT_KEPT, "error": None} for _ in report["failed"]]
    return {
        **report,
        "conflicts": conflicts,
        "unmatched_labels": [NOT_KEPT] * len(report["unmatched_labels"]),
        "failed": failed,
    }
