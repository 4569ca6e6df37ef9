"""A few Dask workers as processes of this machine, which nobody else's machine reaches."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import distributed

HOST = "127.0.0.1"


@contextmanager
def local_cluster(count: int, *, home: Path) -> Iterator[tuple[Any, str]]:
    """So many processes of one thread each, and how they are called; they end with the block, or with this process."""
    cluster = distributed.LocalCluster(
        n_workers=count, threads_per_worker=1, processes=True, host=HOST, dashboard_address=None,
        worker_dashboard_address=None, silence_logs=logging.CRITICAL, preload=["identity.machines.deaf"],
        env={"IDENTITY_HOME": str(home)},
    )  # fmt: skip
    try:
        yield cluster, f"dask://local?workers={count}"
    finally:
        cluster.close()
