"""Long work: one job after the other, each in a thread, written down so that a killed server can take it up again.

What a job has written stays, batch by batch, whatever ends it; begun again, it does only the rest.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from identity import IdentityError, NotFoundError, UsageError
from identity.documents.problems import ProblemFields, problem, problem_of
from identity.web.job_files import Job, JobFiles

if TYPE_CHECKING:
    from identity.documents.enrolment import EnrolFields

OVER = ("done", "failed", "cancelled", "interrupted")
NICER = 10  # a job gives way to whoever waits for an answer
Work = Callable[[Job, Callable[[int], None]], "EnrolFields"]


@dataclass(slots=True)
class Jobs:
    """The jobs of a home. `work` does one, and tells how many images are done since it told last."""

    files: JobFiles
    work: Work
    _known: dict[str, Job] = field(default_factory=dict)
    _stopped: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "job", initializer=_give_way))
    _closing: bool = False

    def load(self) -> None:
        """Know the jobs that were written down; those under way were interrupted when the server was."""
        for one in self.files.load():
            self._known[one.id] = one if one.state in OVER else replace(one, state="interrupted")

    def list(self) -> list[Job]:
        """Every job, the newest first."""
        with self._lock:
            return sorted(self._known.values(), key=lambda one: one.created_at, reverse=True)

    def get(self, id_: str) -> Job:
        """One job. Raises `NotFoundError`."""
        with self._lock:
            return self._get(id_)

    def find(self, id_: str) -> Job | None:
        """One job; None where there is none."""
        with self._lock:
            return self._known.get(id_)

    def add(self, job: Job, *, images: int | None) -> Job:
        """Begin a job as soon as those before it are over."""
        made = replace(job, created_at=datetime.now(UTC).isoformat(), images=images)
        self._put(made)
        self._threads.submit(self._run, made.id)
        return made

    def cancel(self, id_: str) -> Job:
        """Let a job end at its next batch; what it has written stays."""
        with self._lock:
            job = self._get(id_)
            if job.state in OVER:
                return job
            self._stopped.add(id_)
            waiting = job.state == "waiting"
        return self._change(id_, lambda job: replace(job, state="cancelled")) if waiting else job

    def resume(self, id_: str) -> Job:
        """Do the rest of a job that was cut off. Raises `UsageError` for one that is done or under way."""
        with self._lock:
            job = self._get(id_)
            if job.state in {"done", "waiting", "running"}:
                raise UsageError(f"job {id_} is {job.state}: there is nothing to take up again")
            self._stopped.discard(id_)
        resumed = self._change(id_, lambda job: replace(job, state="waiting", done=0, problem=None))
        self._threads.submit(self._run, id_)
        return resumed

    def forget(self, id_: str) -> None:
        """Forget a job that is over, with what was uploaded for it. Raises `UsageError` for one under way."""
        with self._lock:
            job = self._get(id_)
            if job.state not in OVER:
                raise UsageError(f"job {id_} is {job.state}: cancel it first")
            del self._known[id_]
        self.files.remove(id_)

    def close(self) -> None:
        """End at the next seam; what is not done is written down as interrupted."""
        from identity.bootstrap import STOPPING

        self._closing = True
        STOPPING.ask()
        self._threads.shutdown(wait=True, cancel_futures=True)
        STOPPING.forget()
        for job in self.list():
            if job.state not in OVER:
                self._change(job.id, lambda job: replace(job, state="interrupted"))

    def _run(self, id_: str) -> None:
        with self._lock:
            if id_ not in self._known or self._known[id_].state != "waiting":
                return
        try:
            begun = self._change(id_, lambda job: replace(job, state="running"))
            report = self.work(begun, partial(self._advance, id_))
        except KeyboardInterrupt:
            self._change(id_, lambda job: replace(job, state="interrupted" if self._closing else "cancelled"))
        except IdentityError as error:
            said = problem_of(error)
            self._change(id_, lambda job: replace(job, state="failed", problem=said))
        except Exception:  # a job is answered for by its state, never by a traceback
            logging.getLogger("uvicorn.error").exception("job %s failed", id_)
            self._change(id_, lambda job: replace(job, state="failed", problem=_unforeseen()))
        else:
            # what was asked is not needed any more, and names people who may be forgotten
            self._change(id_, lambda job: replace(job, state="done", report=report, paths=(), names=(), label=None))
            self.files.remove_uploads(id_)

    def _advance(self, id_: str, count: int) -> None:
        with self._lock:
            job = self._known[id_]
            self._known[id_] = replace(job, done=job.done + count)
            if id_ in self._stopped or self._closing:
                raise KeyboardInterrupt

    def _change(self, id_: str, change: Callable[[Job], Job]) -> Job:
        with self._lock:  # written under it, too: of two changes the later one stands on the disk
            job = self._known[id_] = change(self._known[id_])
            self.files.write(job)
            return job

    def _put(self, job: Job) -> None:
        with self._lock:
            self._known[job.id] = job
            self.files.write(job)

    def _get(self, id_: str) -> Job:
        if id_ not in self._known:
            raise NotFoundError(f"there is no job '{id_[:80]}': see the list of jobs")
        return self._known[id_]


def _give_way() -> None:
    """Threads that this one starts inherit it, where the system keeps priorities by thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICER)


def _unforeseen() -> ProblemFields:
    cure = "look at what the server wrote on its terminal, and report it"
    return problem("failed", "The server failed", 500, cause="an error that nobody foresaw", cure=cure)
