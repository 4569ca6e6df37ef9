"""Runs over the stored vectors: planned, made, made as a job, and taken back."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Response

from identity.web.answers import answer, documented
from identity.web.bodies import ClusterBody
from identity.web.decisions import Deciding
from identity.web.job_files import Job, job_fields
from identity.web.parameters import GalleryName
from identity.web.service import Here

if TYPE_CHECKING:
    from identity import Gallery, Plan, Run

router = APIRouter(prefix="/galleries/{gallery}")
Brief = Annotated[bool, Query(description="Leave out the clusters as they are afterwards.")]


@router.post("/clusters/plan", responses=documented("cluster"), tags=["clusters"])
def plan(here: Here, gallery: GalleryName, body: ClusterBody, *, brief: Brief = False) -> Response:
    """Show what a run would do; nothing is changed."""
    opened = here.gallery(gallery)
    return _planned(opened, opened.clusters.plan(**body.model_dump()), None, brief=brief)


@router.post("/clusters/run", responses=documented("cluster"), tags=["clusters"])
def run(deciding: Deciding, body: ClusterBody, *, brief: Brief = False) -> Response:
    """Group the stored samples. What people decided before is kept; the run can be undone."""

    def make(opened: Gallery) -> tuple[str, Response]:
        made, run = opened.clusters.run(**body.model_dump())
        return f"run {run.id} of {run.algo}", _planned(opened, made, run, brief=brief)

    return deciding.make(make)


@router.post("/clusters/jobs", responses=documented("job", status=202), status_code=202, tags=["clusters"])
def run_as_job(deciding: Deciding, body: ClusterBody) -> Response:
    """Group the stored samples as a job: it can be watched and ended, and writes nothing unless it comes to its end."""

    def make(opened: Gallery) -> tuple[None, Response]:
        id_, asked = secrets.token_hex(8), body.model_dump()
        job = Job(id_, opened.name, work="cluster", asked=asked, seen=deciding.version)
        return None, answer("job", job_fields(deciding.service.jobs.add(job, images=None)), status=202)

    return deciding.make(make)


def _planned(opened: Gallery, made: Plan, run: Run | None, *, brief: bool) -> Response:
    from identity.documents.clusters import cluster_fields

    shown = replace(made, groups=()) if brief else made
    held = opened.samples.get(sample for group in shown.groups for sample in group.samples.tolist())
    return answer("cluster", cluster_fields(shown, run, held))


@router.post("/clusters/undo", responses=documented("cluster-undo"), tags=["clusters"])
def undo(deciding: Deciding) -> Response:
    """Undo the latest run and restore the clusters before it. Names and decisions stay."""
    from identity.documents.clusters import undo_fields

    def make(opened: Gallery) -> tuple[str, Response]:
        undone = opened.clusters.undo()
        fields = undo_fields(opened.name, undone, n_clusters=len(opened.clusters.groups()))
        return f"run {undone.id} undone", answer("cluster-undo", fields)

    return deciding.make(make)
