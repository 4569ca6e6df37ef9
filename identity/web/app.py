"""The addresses of the surface, put together."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response

from identity import Home, __version__
from identity.web import asking, crops, deciding, enrolling, galleries, looking, plots, reading, running, watching
from identity.web.answers import JSON, texted
from identity.web.decisions import require_seen
from identity.web.job_files import Job, JobFiles
from identity.web.job_process import JobProcess
from identity.web.jobs import Jobs
from identity.web.openapi import openapi_document
from identity.web.pages import addresses, assets, routes
from identity.web.problems import answer_problems
from identity.web.service import Service

BASE = "/api/v1"
ABOUT = "Says which identity in a gallery an image shows, or honestly says unknown. Every document is the command's."


def make_service(home: Home, folders: tuple[Path, ...] = ()) -> Service:
    """What the app stands on; jobs of an earlier server are known again."""
    files = JobFiles(home.settings.home / "jobs")

    def begin(job: Job) -> JobProcess:
        if job.seen is not None:
            require_seen(made, made.gallery(job.gallery), job.seen)
        return JobProcess.begin(home, job, files.uploaded(job))

    made = Service(home, Jobs(files, begin), folders)
    made.jobs.load()
    return made


def make_app(service: Service) -> FastAPI:
    """The app over an opened home."""
    app = FastAPI(
        title="identity", version=__version__, description=ABOUT, openapi_url=None, default_response_class=Response,
        redirect_slashes=False,
    )  # fmt: skip
    app.state.service = service
    for room in (reading, galleries, looking, crops, plots, watching, asking, deciding, running, enrolling):
        app.include_router(room.router, prefix=BASE)
    for page in (routes, addresses, assets):
        app.include_router(page.router)
    _describe_itself(app)
    answer_problems(app)
    return app


def _describe_itself(app: FastAPI) -> None:
    @cache
    def described() -> dict[str, Any]:
        return openapi_document(app)

    @cache
    def text() -> str:
        return json.dumps(described(), indent=2)

    @app.get(f"{BASE}/openapi.json", responses=texted(JSON, kind="object"), tags=["server"])
    def openapi() -> Response:
        """This description of every address, in OpenAPI."""
        return Response(text(), media_type=JSON)

    app.openapi = described  # type: ignore[method-assign]
