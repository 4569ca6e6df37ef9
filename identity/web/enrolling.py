"""Images into a gallery, by upload or from folders of this machine, as jobs that can be watched, ended and taken up."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Form, Path, Response
from fastapi.responses import StreamingResponse

from identity.web.answers import answer, documented, texted
from identity.web.bodies import EnrolBody, Words
from identity.web.folders import allowed
from identity.web.job_files import Job, job_fields
from identity.web.jobs import OVER
from identity.web.parameters import GalleryName
from identity.web.service import Here, Service
from identity.web.uploads import Uploads, name_of, write

router = APIRouter(tags=["jobs"])
JobId = Annotated[str, Path(description="Id of a job.", pattern="^[0-9a-f]{16}$")]
Label = Annotated[Words | None, Form(description="Identity of all images.")]
Fraction = Annotated[float, Form(description="Share of labelled images kept to set the thresholds.", ge=0, lt=1)]
AnyImage = Annotated[bool, Form(description="Digits: take photographs that show no even paper, too.")]
LOOK_S = 0.1
BEAT = 150  # looks without news, after which a line is sent that keeps the connection


@router.post("/galleries/{gallery}/enroll", responses=documented("job", status=202), status_code=202)
def enroll(
    here: Here, gallery: GalleryName, images: Uploads, *,
    label: Label = None, calibration_fraction: Fraction = 0.0, any_image: AnyImage = False,
) -> Response:  # fmt: skip
    """Put uploaded images into a gallery; the answer is the job that does it."""
    here.gallery(gallery)
    id_ = secrets.token_hex(8)
    folder = here.jobs.files.uploads(id_)
    for place, image in enumerate(images):
        write(image, folder / f"{place:06}.image")
    names = tuple(name_of(image) for image in images)
    job = Job(id_, gallery, (), names, label, None, calibration_fraction, any_image)
    return answer("job", job_fields(here.jobs.add(job, images=len(names))), status=202)


@router.post("/galleries/{gallery}/enroll-paths", responses=documented("job", status=202), status_code=202)
def enroll_paths(here: Here, gallery: GalleryName, body: EnrolBody) -> Response:
    """Put images below the folders that were allowed at start into a gallery; the answer is the job that does it."""
    from identity.gallery.images import count_images

    here.gallery(gallery)
    paths = [allowed(one, here.folders) for one in body.paths]
    given = tuple(str(path) for path in paths)
    wanted = body.label, body.labels, body.calibration_fraction, body.any_image
    job = Job(secrets.token_hex(8), gallery, given, (), *wanted)
    return answer("job", job_fields(here.jobs.add(job, images=count_images(paths))), status=202)


@router.get("/jobs", responses=documented("jobs"))
def jobs(here: Here) -> Response:
    """List every job, the newest first."""
    return answer("jobs", {"jobs": [job_fields(one) for one in here.jobs.list()]})


@router.get("/jobs/{job}", responses=documented("job"))
def job(here: Here, job: JobId) -> Response:
    """Show how far a job is, and its report when it is done."""
    return answer("job", job_fields(here.jobs.get(job)))


@router.post("/jobs/{job}/cancel", responses=documented("job"))
def cancel(here: Here, job: JobId) -> Response:
    """End a job at its next batch; what it has written stays."""
    return answer("job", job_fields(here.jobs.cancel(job)))


@router.post("/jobs/{job}/resume", responses=documented("job"))
def resume(here: Here, job: JobId) -> Response:
    """Do the rest of a job that was cancelled, failed, or cut off with the server."""
    return answer("job", job_fields(here.jobs.resume(job)))


@router.delete("/jobs/{job}", responses=documented("jobs"))
def forget(here: Here, job: JobId) -> Response:
    """Forget a job that is over, with what was uploaded for it; the jobs that stay."""
    here.jobs.forget(job)
    return jobs(here)


@router.get("/jobs/{job}/events", responses=texted("text/event-stream"))
async def events(here: Here, job: JobId) -> Response:
    """Watch a job as server-sent events: its document after each change, until it is over."""
    here.jobs.get(job)
    return StreamingResponse(_changes(here, job), media_type="text/event-stream")


async def _changes(here: Service, id_: str) -> AsyncIterator[str]:
    told, quiet = "", 0
    while not here.stopping.is_set() and (job := here.jobs.find(id_)) is not None:
        text = json.dumps(job_fields(job))
        if text != told:
            yield f"event: {'end' if job.state in OVER else 'progress'}\ndata: {text}\n\n"
            told, quiet = text, 0
        if job.state in OVER:
            return
        quiet += 1
        if quiet % BEAT == 0:
            yield ": nothing new\n\n"
        await asyncio.sleep(LOOK_S)
