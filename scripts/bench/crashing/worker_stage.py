"""A home on a server whose searches and embeddings are done by workers of a Dask scheduler, of whom one is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from crashing import checking, world
from crashing.forks import forked
from crashing.stages import ENDS_S, ServerStage, ended, kill
from scheduler_file import START_S, address_in

COUNT = 3
OUTSIDE = 8  # samples that may be outside of the shards: the galleries are small


class WorkerStage(ServerStage):
    """Kills one worker and starts another in its place; the verb in flight has to go on as if nothing had been."""

    def __init__(self, folder: Path, *, seed: int) -> None:
        from identity.core import search_state

        super().__init__(folder, kills_server=False)
        search_state.SMALL = OUTSIDE
        self.rng = np.random.default_rng(seed)
        self.place = folder / "scheduler.json"
        self.started: list[subprocess.Popen[bytes]] = []
        options = ("--port", "0", "--host", "127.0.0.1", "--scheduler-file", str(self.place))
        self.scheduler = self.run("distributed.cli.dask_scheduler", *options)
        self.tcp = address_in(self.place)
        self.workers = self.tcp.replace("tcp://", "dask://")
        self.started = [self.worker() for _ in range(COUNT)]

    def run(self, program: str, *options: str) -> subprocess.Popen[bytes]:
        """A program of Dask; a worker reads the database that its surroundings name."""
        given = {"IDENTITY_DATABASE_URL": str(self.address), "PYTHONPATH": str(world.ROOT), "OMP_NUM_THREADS": "1"}
        given["IDENTITY_HOME"] = str(self.folder / "worker")
        with (self.folder / "said").open("ab") as said:
            command = [sys.executable, "-m", program, *options, "--no-dashboard"]
            return subprocess.Popen(command, env=os.environ | given, stdout=said, stderr=said, cwd=self.folder)

    def worker(self) -> subprocess.Popen[bytes]:
        """One more, of one thread."""
        options = ("--nthreads", "1", "--no-nanny", "--memory-limit", "0")
        return self.run("distributed.cli.dask_worker", self.tcp, *options)

    def start_over(self) -> None:
        """Work with a fresh copy of what was built, when all workers are there."""
        super().start_over()
        forked(lambda: wait_for_workers(self.tcp, COUNT))

    def strike(self, children: Sequence[int], ledgers: Sequence[Path]) -> list[str]:
        """Kill a worker, start another, wait until the verbs in flight have ended, then kill the children."""
        self.struck = [entries[-1]["begin"] for entries in map(checking.read_ledger, ledgers) if is_in_flight(entries)]
        place = int(self.rng.integers(COUNT))
        self.started[place].kill()
        self.started[place].wait()
        self.started[place] = self.worker()
        wrong = [f"had not ended {ENDS_S} s after a worker was killed" for one in ledgers if not ended(one)]
        kill(children)
        return wrong

    def close(self) -> None:
        """Stop everything."""
        for one in (*self.started, self.scheduler):
            one.kill()
            one.wait()
        super().close()


def is_in_flight(entries: list[dict[str, Any]]) -> bool:
    """Whether a ledger's last verb has not ended."""
    return bool(entries) and "begin" in entries[-1]


def wait_for_workers(address: str, count: int) -> None:
    """Until the scheduler knows so many."""
    import distributed

    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=START_S)
