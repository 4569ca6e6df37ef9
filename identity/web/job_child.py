"""The process in which a job is done: the job as a line of JSON in, lines of JSON out that say how far it is.

It gives way to whoever waits for an answer, ends at its next seam when it is sent SIGTERM, and at once when the server
is gone: then nobody could end it any more.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from identity import IdentityError, open_home
from identity.bootstrap import STOPPING
from identity.documents.problems import problem_of, unforeseen
from identity.web.job_files import Job, job_of

if TYPE_CHECKING:
    from identity import Gallery, SourceImage

NICER = 10  # a job gives way to whoever waits for an answer
Tell = Callable[[Mapping[str, Any]], None]


def serve() -> None:
    """Do the one job that is asked for."""
    if hasattr(os, "nice"):
        os.nice(NICER)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which then asks this process to end
    signal.signal(signal.SIGTERM, lambda _number, _frame: STOPPING.ask())
    sys.argv = ["identity", "serve"]  # so is it called where another program waits for it
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries may print

    def tell(news: Mapping[str, Any]) -> None:
        out.write(json.dumps(news) + "\n")
        out.flush()

    asked = json.loads(sys.stdin.readline())
    Thread(target=_end_with_the_server, args=(sys.stdin.fileno(),), daemon=True).start()
    tell(_outcome(asked, tell))


def _end_with_the_server(descriptor: int) -> None:
    while os.read(descriptor, 1024):
        pass
    os._exit(1)  # what was written stays whole


def _outcome(asked: Mapping[str, Any], tell: Tell) -> Mapping[str, Any]:
    """The last line: the report, a problem, or that somebody asked to end it."""
    job = job_of(asked["job"])
    files = [Path(file) for file in asked["files"]]
    try:
        with open_home(home=Path(asked["home"]), **asked["place"]) as home:
            opened = home.open_gallery(job.gallery)
            return {"report": _cluster(opened, job) if job.work == "cluster" else _enrol(opened, job, files, tell)}
    except KeyboardInterrupt:
        return {"stopped": True}
    except IdentityError as error:
        return {"problem": problem_of(error)}
    except Exception:  # a job is answered for by its state, never by a traceback
        logging.getLogger("identity.jobs").exception("job %s failed", job.id)
        return {"problem": unforeseen()}


def _enrol(opened: Gallery, job: Job, files: list[Path], tell: Tell) -> Mapping[str, Any]:
    from identity.documents.enrolment import enrol_fields
    from identity.gallery.filling import Wishes, fill

    def advance(count: int) -> None:
        tell({"advanced": count})
        STOPPING.check()

    def read() -> Iterator[SourceImage]:
        for image, name in zip(opened.read(files), job.names, strict=True):
            error = None if image.error is None else image.error.replace(image.path, name)
            yield replace(image, source="upload", path=f"upload:{job.id}/{name}", path_bytes=None, error=error)

    wishes = Wishes(
        job.label, job.labels, job.calibration_fraction, any_image=job.any_image, on_progress=advance,
        on_written=lambda _images: opened.refresh_index_early(),
    )  # fmt: skip
    report = fill(opened, list(job.paths), wishes) if job.paths else fill(opened, files, wishes, read=read)
    return enrol_fields(job.gallery, report)


def _cluster(opened: Gallery, job: Job) -> Mapping[str, Any]:
    from identity.documents.clusters import run_report_fields

    plan, run = opened.clusters.run(**dict(job.asked or {}))
    return run_report_fields(plan, run)
