"""Loaded by workers that were started here: Ctrl-C at a terminal is meant for who started them, who ends them."""

from __future__ import annotations

import signal
from typing import Any


def dask_setup(_worker: Any) -> None:
    """Called by Dask in the worker's main thread."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
