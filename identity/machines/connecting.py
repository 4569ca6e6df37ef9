"""In and out at a Dask scheduler, with an end to each wait."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import distributed

from identity.core.errors import WorkersError
from identity.machines.bounded import within
from identity.machines.dask_workers import GONE, DaskWorkers, cause

CONNECT_S = 20  # within which a scheduler lets somebody in
TALKERS = ("distributed", "distributed.client", "tornado.application")


@contextmanager
def connected(place: Any, shown: str, *, wanted: int = 1) -> Iterator[DaskWorkers]:
    """The workers of the scheduler at `place`, as soon as there is one; `wanted` of them are waited for a while.

    Raises `WorkersError` where nobody answers.
    """
    with _quiet():
        yield from _connected(place, shown, wanted)


def _connected(place: Any, shown: str, wanted: int) -> Iterator[DaskWorkers]:
    try:  # Dask itself waits for ever for a port that takes the connection and says nothing
        _knock(place)
        client = within(2 * CONNECT_S, lambda: distributed.Client(place, timeout=CONNECT_S, set_as_default=False))
    except (OSError, TimeoutError, ValueError, ImportError) as error:
        raise WorkersError(
            f"no Dask scheduler answers at {shown} ({cause(error)}): start one with 'dask scheduler'"
        ) from error
    try:
        workers = DaskWorkers(client, shown)
        workers.wait_for(wanted)
        yield workers
    finally:
        with suppress(*GONE):
            within(CONNECT_S, client.close)


def _knock(place: Any) -> None:
    """Raise `OSError` at once where nobody listens: Dask itself asks again for as long as it may."""
    if isinstance(place, str):
        parts = urlsplit(place)
        socket.create_connection((parts.hostname, parts.port), timeout=CONNECT_S).close()


@contextmanager
def _quiet() -> Iterator[None]:
    """What Dask would print of a scheduler that goes is said here, in one line."""
    levels = {logger: logger.level for logger in map(logging.getLogger, TALKERS)}
    for logger in levels:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in levels.items():
            logger.setLevel(level)
