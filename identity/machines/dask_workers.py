"""The workers of one Dask scheduler: work goes there by the name of its function, and comes back as it is done.

Dask itself gives the work of a killed worker to another, and gives up on work that killed four.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

import distributed

from identity.core.errors import IdentityError, KilledWorkersError, WorkersError
from identity.core.stopping import STOPPING
from identity.core.workers import Task

R = TypeVar("R")
ANSWER_S = 10  # within which a scheduler answers
NOBODY_S = 60  # without any worker, after which nobody is waited for
LAST_S = 10  # to finish what is begun when a person asked to stop
LOOK_S = 1.0  # between two looks at who is there
URGENT = 10


@contextmanager
def connected(place: Any, shown: str) -> Iterator[DaskWorkers]:
    """The workers of the scheduler at `place`, as soon as there is one. Raises `WorkersError` where nobody answers."""
    try:
        client = distributed.Client(place, timeout=ANSWER_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise WorkersError(
            f"no Dask scheduler answers at {shown} ({_cause(error)}): start one with 'dask scheduler'"
        ) from error
    try:
        workers = DaskWorkers(client, shown)
        workers.wait_for_one()
        yield workers
    finally:
        client.close(timeout=ANSWER_S)


@dataclass(slots=True)
class DaskWorkers:
    """Those whom one client reaches."""

    client: Any
    shown: str
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
            future = self.client.submit(
                work, *arguments, pure=False, priority=URGENT if urgent else 0, workers=None if at is None else [at]
            )
        return DaskTask(future, self, at)

    def wait_for_one(self) -> None:
        """Return when somebody is there. Raises `WorkersError` where nobody comes."""
        until = time.monotonic() + NOBODY_S
        while not self._there():
            STOPPING.check()
            if time.monotonic() > until:
                raise WorkersError(
                    f"{self.shown} has no worker: start some with 'dask worker', then run the command again"
                )
            time.sleep(LOOK_S / 4)

    def require_somebody(self, at: str | None) -> None:
        """Raise `WorkersError` where nobody is left, and `KilledWorkersError` where `at` is not there any more."""
        if at is not None and at not in self._there():
            raise KilledWorkersError(f"the worker {at} is gone")
        self.wait_for_one()

    def _there(self, *, within_s: float = LOOK_S) -> dict[str, int]:
        with self._lock:
            if time.monotonic() - self._seen_at > within_s or not self._seen:
                try:
                    self._seen = dict(self.client.nthreads())
                except (OSError, TimeoutError, CancelledError) as error:
                    raise self.lost(error) from error
                self._seen_at = time.monotonic()
            return self._seen

    def lost(self, error: BaseException) -> WorkersError:
        """What is said where the scheduler is gone."""
        return WorkersError(
            f"the Dask scheduler at {self.shown} is gone ({_cause(error)}): start it again, then run the command again "
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
        asked: float | None = None
        while True:
            try:
                found: R = self.future.result(timeout=LOOK_S)
            except TimeoutError as error:
                self._require_waiting(error)
            except Exception as error:
                raise self._said(error) from error
            else:
                return found
            if STOPPING.asked:
                asked = asked or time.monotonic()
                if time.monotonic() - asked > LAST_S:
                    raise KeyboardInterrupt

    def _require_waiting(self, error: TimeoutError) -> None:
        """Raise where waiting longer is of no use."""
        if self.future.status == "error":  # the work itself ran out of time
            raise self._said(error) from error
        self.workers.require_somebody(self.at)

    def _said(self, error: Exception) -> IdentityError:
        """What is said of work that failed."""
        match error:
            case IdentityError():
                return error
            case distributed.KilledWorker():
                return KilledWorkersError("it ended one worker after the other")
            case CancelledError() | OSError() | TimeoutError():
                return self.workers.lost(error)
        return WorkersError(
            f"a worker of {self.workers.shown} failed ({_cause(error)}): it needs the same version of identity as "
            "here, with the same Python and packages"
        )


def _cause(error: BaseException) -> str:
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0][:200]}" if said else type(error).__name__
