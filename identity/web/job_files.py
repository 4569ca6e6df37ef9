"""Jobs on the disk, in the home: what each was asked, how far it came, and the images that were uploaded for it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from identity.bootstrap import make_folder, replace_durably

if TYPE_CHECKING:
    from identity.documents.clusters import RunReportFields
    from identity.documents.enrolment import EnrolFields
    from identity.documents.problems import ProblemFields
    from identity.documents.served import JobFields, JobState, JobWork

RECORD = "job.json"
UPLOADS = "uploads"


@dataclass(frozen=True, slots=True)
class Job:
    """An enrolment of `paths`, or, where there are none, of uploads by the `names` that their sender gave them.

    Or a clustering, as it was `asked` for by somebody who had `seen` this version of the gallery.
    """

    id: str
    gallery: str
    paths: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    label: str | None = None
    labels: str | None = None
    calibration_fraction: float = 0.0
    any_image: bool = False
    state: JobState = "waiting"
    done: int = 0
    images: int | None = None
    created_at: str = ""
    report: EnrolFields | RunReportFields | None = None
    problem: ProblemFields | None = None
    work: JobWork = "enroll"
    asked: Mapping[str, Any] | None = None
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class JobFiles:
    """A folder for each job, which only this user can read."""

    root: Path

    def uploads(self, id_: str) -> Path:
        """Where the images of a job lie, made where it is not there."""
        folder = self.root / id_ / UPLOADS
        make_folder(folder)
        return folder

    def uploaded(self, job: Job) -> list[Path]:
        """The images of a job in the order of its names."""
        return [self.root / job.id / UPLOADS / f"{place:06}.image" for place in range(len(job.names))]

    def write(self, job: Job) -> None:
        """Write a job down, whole or not at all; its report without the names that may be forgotten one day."""
        folder = self.root / job.id
        make_folder(folder)
        temporary = folder / f".{RECORD}"
        with open(temporary, "w", encoding="utf-8", opener=_private) as written:
            json.dump(asdict(nameless(job)), written)
        replace_durably(temporary, folder / RECORD)

    def load(self) -> Iterator[Job]:
        """Every job that can be read; what cannot is left alone."""
        for record in sorted(self.root.glob(f"*/{RECORD}")):
            try:
                yield job_of(json.loads(record.read_text("utf-8")))
            except (OSError, ValueError, TypeError, KeyError):
                continue

    def remove(self, id_: str) -> None:
        """Delete everything of a job."""
        shutil.rmtree(self.root / id_, ignore_errors=True)

    def remove_uploads(self, id_: str) -> None:
        """Delete the images of a job: what the gallery keeps of them it has."""
        shutil.rmtree(self.root / id_ / UPLOADS, ignore_errors=True)


def job_of(written: Mapping[str, Any]) -> Job:
    """A job that was written down. Raises `TypeError` or `KeyError` for what is none."""
    return Job(**{**written, "paths": tuple(written["paths"]), "names": tuple(written["names"])})


def nameless(job: Job) -> Job:
    """The job with a report that names no file and nobody."""
    from identity.documents.enrolment import without_names

    if job.work != "enroll" or job.report is None:
        return job
    return replace(job, report=without_names(cast("EnrolFields", job.report)))


def job_fields(job: Job) -> JobFields:
    """A job as documents show it: no path of this machine."""
    return {
        "id": job.id,
        "gallery": job.gallery,
        "work": job.work,
        "state": job.state,
        "done": job.done,
        "images": job.images,
        "created_at": job.created_at,
        "report": job.report,
        "problem": job.problem,
    }


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
