"""A few Dask workers as processes of this machine, which nobody else's machine reaches."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import distributed

from identity.core.errors import WorkersError
from identity.machines.bounded import within

HOST = "127.0.0.1"
OPEN_S, CLOSE_S = 30, 20  # for a scheduler in this process; for the workers to end


@contextmanager
def local_cluster(count: int, *, home: Path, database: str | None = None) -> Iterator[tuple[Any, str]]:
    """So many processes of one thread each, on their way, and how they are called.

    They end with the block, or with this process. Raises `WorkersError` where no scheduler can be started.
    """

    environ = {"IDENTITY_HOME": str(home)} | ({} if database is None else {"IDENTITY_DATABASE_URL": database})

    def start() -> Any:
        return distributed.LocalCluster(
            n_workers=0, threads_per_worker=1, processes=True, host=HOST, dashboard_address=None,
            worker_dashboard_address=None, silence_logs=logging.CRITICAL, preload=["identity.machines.deaf"],
            env=environ,
        )  # fmt: skip

    shown = f"dask://local?workers={count}"
    try:
        cluster = within(OPEN_S, start)
    except (OSError, TimeoutError, RuntimeError) as error:
        raise WorkersError(f"{shown} cannot be started ({error}): look at its memory and ports") from error
    try:
        cluster.scale(count)  # begun, not waited for: who connects waits for them, and not for ever
        yield cluster, shown
    finally:
        with suppress(OSError, TimeoutError, RuntimeError):
            within(CLOSE_S, cluster.close)
