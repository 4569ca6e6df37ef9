"""Long work: one job after the other, each in a process of its own, written down so that a killed server can go on.

What a job has written stays, batch by batch, whatever ends it; begun again, it does only the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Lock, Timer
from typing import Any

from identity import IdentityError, NotFoundError, UsageError
from identity.documents.problems import ProblemFields, problem, problem_of, unforeseen
from identity.web.job_files import Job, JobFiles, nameless
from identity.web.job_process import Working
from identity.web.messages import RefusedError

OVER = ("done", "failed", "cancelled", "interrupted")
CLOSING_S = 20.0  # that a job has to reach its next seam when the server ends


@dataclass(slots=True)
class Jobs:
    """The jobs of a home. `begin` lets one be done. Raises `RefusedError` where it must not be any more."""

    files: JobFiles
    begin: Callable[[Job], Working]
    _known: dict[str, Job] = field(default_factory=dict)
    _stopped: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "job"))
    _working: dict[str, Working] = field(default_factory=dict)
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
            waiting, working = job.state == "waiting", self._working.get(id_)
        if working is not None:
            working.stop()
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
        """End at the next seam, or, where that is far, at once; what is not done is written down as interrupted."""
        with self._lock:
            self._closing = True
            working = list(self._working.values())
        for one in working:
            one.stop()
        patience = Timer(CLOSING_S, _kill, [working])
        patience.start()
        self._threads.shutdown(wait=True, cancel_futures=True)
        patience.cancel()
        for job in self.list():
            if job.state not in OVER:
                self._change(job.id, lambda job: replace(job, state="interrupted"))

    def under_way(self, gallery: str) -> bool:
        """Whether a job of this gallery is not over."""
        return any(one.gallery == gallery and one.state not in OVER for one in self.list())

    def forget_names(self, gallery: str) -> None:
        """Name no file and nobody any more in the reports about a gallery: one of them was forgotten."""
        with self._lock:
            for job in self._known.values():
                if job.gallery == gallery:
                    self._known[job.id] = nameless(job)

    def _run(self, id_: str) -> None:
        with self._lock:
            if self._closing or id_ not in self._known or self._known[id_].state != "waiting":
                return
        begun = self._change(id_, lambda job: replace(job, state="running"))
        try:
            self._end(id_, self._last_news(begun))
        except IdentityError as error:
            self._fail(id_, problem_of(error))
        except RefusedError as refused:
            self._fail(id_, refused.fields)
        except Exception:  # a job is answered for by its state, never by a traceback
            logging.getLogger("uvicorn.error").exception("job %s failed", id_)
            self._fail(id_, unforeseen())
        finally:
            self._working.pop(id_, None)

    def _last_news(self, job: Job) -> dict[str, Any]:
        """Let a job be done, and follow it; the last that was heard of it."""
        working = self.begin(job)
        with self._lock:
            self._working[job.id] = working
            unwanted = self._closing or job.id in self._stopped
        if unwanted:
            working.stop()
        last: dict[str, Any] = {}
        for last in working.news():
            with self._lock:
                known = self._known[job.id]
                self._known[job.id] = replace(known, done=known.done + last.get("advanced", 0))
        return last

    def _end(self, id_: str, last: dict[str, Any]) -> None:
        if "report" in last:
            # what was asked is not needed any more, and names people who may be forgotten
            end = {"state": "done", "report": last["report"], "paths": (), "names": (), "label": None}
            self._change(id_, lambda job: replace(job, **end))
            self.files.remove_uploads(id_)
        elif "problem" in last:
            self._fail(id_, last["problem"])
        elif id_ in self._stopped:
            self._change(id_, lambda job: replace(job, state="cancelled"))
        elif self._closing or "stopped" in last:
            self._change(id_, lambda job: replace(job, state="interrupted"))
        else:
            self._fail(id_, _killed())

    def _fail(self, id_: str, said: ProblemFields) -> None:
        self._change(id_, lambda job: replace(job, state="failed", problem=said))

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


def _kill(working: Sequence[Working]) -> None:
    for one in working:
        one.kill()


def _killed() -> ProblemFields:
    cause = "the process that did the job was ended from outside, or had no memory left"
    cure = "resume the job: what it has written stays, and it does the rest"
    return problem("job-killed", "The job was ended", 500, cause=cause, cure=cure)
