"""A real Dask scheduler and real workers, as processes that a server forks when it has imported what they need."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import distributed

from identity.machines.bounded import within

SCHEDULER, WORKER = "distributed.cli.dask_scheduler", "distributed.cli.dask_worker"
IMPORTED = [SCHEDULER, WORKER, "identity.bootstrap", "identity.workflows.elsewhere.opening", "identity.embedders.onnx"]
USUAL = 2  # workers
LONG_S = 60  # for what takes a second on a machine with nothing else to do


def run(program: str, options: tuple[str, ...], environ: dict[str, str], folder: Path, out: Path) -> None:
    """In a process of its own: what `python -m program options` does."""
    import dask

    said = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(said, stream)
    os.environ.update(environ)
    dask.config.refresh()  # it was read when the server imported it
    os.chdir(folder)
    sys.argv = [program, *options]
    import_module(program).main()


class Cluster:
    """A scheduler and its workers; `started` are all that ever were, the scheduler first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[BaseProcess] = []
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(IMPORTED)
        self._client: Any = None

    def __enter__(self) -> Cluster:
        options = ("--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", "scheduler.json")
        fewer = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}  # Dask's own is 3; each costs a worker
        self._run(SCHEDULER, *options, home=self.folder / "nowhere", **fewer)
        self.until(lambda: self._place() is not None)
        self._client = within(LONG_S, lambda: distributed.Client(self._place(), set_as_default=False))
        return self

    def __exit__(self, *_raised: object) -> None:
        for one in self.started:
            one.kill()
        if self._client is not None:
            with suppress(TimeoutError):
                within(LONG_S, self._client.close)
        for one in self.started:
            one.join(LONG_S)

    @property
    def address(self) -> str:
        """As a person gives it."""
        return str(self._place()).replace("tcp://", "dask://")

    def _place(self) -> str | None:
        try:  # Dask does not write it at one stroke
            return str(json.loads((self.folder / "scheduler.json").read_text())["address"])
        except (FileNotFoundError, json.JSONDecodeError):
            return None

    def log(self, word: str) -> list[str]:
        """What the workers wrote down since the last call."""
        log = self.folder / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [line.removeprefix(f"{word} ") for line in lines if line.startswith(f"{word} ")]

    def _run(self, program: str, *options: str, home: Path, **more: str) -> BaseProcess:
        environ = {"IDENTITY_HOME": str(home), "IDENTITY_TEST_LOG": str(self.folder / "log")} | more
        out = self.folder / f"out-{len(self.started)}"
        process = self._context.Process(target=run, args=(program, options, environ, self.folder, out), daemon=True)
        process.start()
        self.started.append(process)
        return process

    def start(self, *, home: Path, **more: str) -> BaseProcess:
        """One more worker, which the scheduler will know soon."""
        preload = str(Path(__file__).with_name("watched_worker.py"))
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0", "--preload", preload)
        return self._run(WORKER, str(self._place()), *options, home=home, **more)

    def worker(self, *, home: Path, **more: str) -> BaseProcess:
        """One more worker, as soon as the scheduler knows it; it goes with the test."""
        before = self.count()
        process = self.start(home=home, **more)
        self.until(lambda: self.count() > before)
        return process

    def bring_to(self, count: int) -> None:
        """So many workers: the last ones go, and whoever is dead is replaced."""
        alive = [one for one in self.started[1:] if one.is_alive()]
        for one in alive[count:]:
            one.kill()
        for number in range(len(alive), count):
            self.start(home=self.folder / f"home-{len(self.started)}-{number}")
        self.until(lambda: self.count() == count)

    def count(self) -> int:
        """How many workers the scheduler knows."""
        return len(within(LONG_S, self._client.nthreads))

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for something. Fails after a minute, with what the processes said."""
        end = time.monotonic() + LONG_S
        while not true():
            codes = [one.exitcode for one in self.started]
            said = [out.read_text()[-400:] for out in sorted(self.folder.glob("out-*"))[-3:]]
            assert time.monotonic() < end, f"waited {LONG_S} s; exit codes {codes}; {said}"
            time.sleep(0.02)
