"""The workers of one Dask scheduler: work goes there by the name of its function, and comes back as it is done.

Dask itself gives the work of a killed worker to another, and gives up on work that killed four.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar, cast

import distributed
from distributed.client import ClosedClientError

from identity.core.errors import IdentityError, KilledWorkersError, WorkersError
from identity.core.stopping import STOPPING
from identity.core.workers import Task
from identity.machines.bounded import within

R = TypeVar("R")
ANSWER_S = 30  # within which one that is busy says who is there
FETCH_S = 120  # within which a result that is there has come here
NOBODY_S = 60  # without any worker, after which nobody is waited for
STALLED_S = 1800  # without any result of any worker, after which something is broken
LAST_S = 10  # to finish what is begun when a person asked to stop
LOOK_S = 1.0  # between two looks at who is there
URGENT = 10
# what a client raises when its scheduler is gone: the last two once it has closed itself
GONE = (OSError, TimeoutError, CancelledError, ClosedClientError, AttributeError, RuntimeError)


@dataclass(slots=True)
class DaskWorkers:
    """Those whom one client reaches."""

    client: Any
    shown: str
    last_result_at: float = field(default_factory=time.monotonic)
    _seen: dict[str, int] = field(default_factory=dict)
    _seen_at: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def slots(self) -> int:
        """How much is done at once, by all of them."""
        return max(1, sum(self._there().values()))

    def names(self) -> list[str]:
        """Who is there now."""
        return sorted(self._there(within_s=0))

    def begin(
        self, work: Callable[..., R], *given: Any, urgent: bool = False, at: str | None = None
    ) -> DaskTask[R]:
        """Begin a function of a module that the workers have too; a task among `given` stands for its result."""
        arguments = [one.future if isinstance(one, DaskTask) else one for one in given]
        with warnings.catch_warnings():  # Dask warns of large arguments; ours are bounded, and not kept
            warnings.simplefilter("ignore", UserWarning)
            try:
                future = self.client.submit(
                    work, *arguments, pure=False, priority=URGENT if urgent else 0, workers=None if at is None else [at]
                )
            except GONE as error:
                raise self.lost(error) from error
        return DaskTask(future, self, at)

    def wait_for(self, wanted: int) -> None:
        """Return when so many are there, or anybody after a while. Raises `WorkersError` where nobody comes."""
        until = time.monotonic() + NOBODY_S
        while len(there := self._there(within_s=0)) < wanted:
            STOPPING.check()
            if time.monotonic() > until:
                if there:
                    return
                raise WorkersError(
                    f"{self.shown} has no worker: start some with 'dask worker', then run the command again"
                )
            time.sleep(LOOK_S / 4)

    def require_somebody(self, at: str | None) -> None:
        """Raise `WorkersError` where nobody is left, and `KilledWorkersError` where `at` is not there any more."""
        if at is not None and at not in self._there():
            raise KilledWorkersError(f"the worker {at} is gone")
        if not self._there():
            self.wait_for(1)

    def _there(self, *, within_s: float = LOOK_S) -> dict[str, int]:
        with self._lock:
            if time.monotonic() - self._seen_at > within_s or not self._seen:
                try:
                    self._seen = dict(within(ANSWER_S, self.client.nthreads))
                except GONE as error:
                    raise self.lost(error) from error
                self._seen_at = time.monotonic()
            return self._seen

    def lost(self, error: BaseException) -> WorkersError:
        """What is said where the scheduler is gone."""
        return WorkersError(
            f"the Dask scheduler at {self.shown} is gone ({cause(error)}): start it again, then run the command again "
            "for the rest"
        )


@dataclass(frozen=True, slots=True)
class DaskTask(Task[R]):
    """Work that a scheduler knows of; it forgets it when nobody here holds it any more."""

    future: Any
    workers: DaskWorkers
    at: str | None = None

    def result(self) -> R:
        """What came of it, waited for."""
        while True:
            self._wait()
            try:  # not by Dask's own timeout: a result that takes longer than it is lost (UnboundLocalError in `sync`)
                found = within(FETCH_S, lambda: cast("R", self.future.result()), look=self._look_for_who_has_it)
            except TimeoutError as error:
                self._require_fetching(error)
            except WorkersError:
                raise
            except Exception as error:
                raise self._said(error) from error
            else:
                self.workers.last_result_at = time.monotonic()
                return found

    def _look_for_who_has_it(self) -> None:
        """Raise where nobody can bring the result any more: Dask waits for ever for a worker with that address."""
        self.workers.require_somebody(self.at)

    def _wait(self) -> None:
        """Return when there is a result or an error to be fetched. Raises where waiting longer is of no use."""
        asked: float | None = None
        began = time.monotonic()
        while not self._is_done():
            self.workers.require_somebody(self.at)
            if time.monotonic() - max(began, self.workers.last_result_at) > STALLED_S:
                raise WorkersError(
                    f"no worker of {self.workers.shown} finished anything for {STALLED_S // 60} minutes: look whether "
                    "they reach what they read, start them anew, then run the command again for the rest"
                )
            if STOPPING.asked:
                asked = asked or time.monotonic()
                if time.monotonic() - asked > LAST_S:
                    raise KeyboardInterrupt

    def _is_done(self) -> bool:
        """Whether there is something to fetch, waited for a moment; no result comes here for that."""
        try:
            self.future.exception(timeout=LOOK_S)
        except TimeoutError:
            return bool(self.future.status == "error")  # the work itself ran out of time
        except GONE:  # said where it is fetched
            return True
        return True

    def _require_fetching(self, error: TimeoutError) -> None:
        """Raise but where the worker that had the result is gone, and another makes it again."""
        if self.future.status == "error":  # the work itself ran out of time
            raise self._said(error) from error
        if self.future.status == "finished":
            raise WorkersError(
                f"a result did not come from {self.workers.shown} within {FETCH_S} s: look at the network, then run "
                "the command again for the rest"
            ) from error

    def _said(self, error: Exception) -> IdentityError:
        """What is said of work that failed."""
        match error:
            case IdentityError():
                return error
            case distributed.KilledWorker():
                return KilledWorkersError("it ended one worker after the other")
            case _ if self.future.status != "error" or self.workers.client.status == "closed":
                return self.workers.lost(error)
            case OSError() | MemoryError():
                cure = "look at its disks and memory, then run the command again for the rest"
            case _:
                cure = "it needs the same version of identity as here, with the same Python and packages"
        return WorkersError(f"a worker of {self.workers.shown} failed ({cause(error)}): {cure}")


def cause(error: BaseException) -> str:
    """An error in a few words."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0][:200]}" if said else type(error).__name__
