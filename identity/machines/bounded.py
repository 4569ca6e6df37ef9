"""A call that may never come back, given up after a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

R = TypeVar("R")


LOOK_S = 1.0


def within(seconds: float, call: Callable[[], R], *, look: Callable[[], None] = lambda: None) -> R:
    """What the call gives or raises. Raises `TimeoutError` after so many seconds; its thread ends with the process.

    `look` is called every second meanwhile; what it raises ends the wait as well.
    """
    found: Future[R] = Future()

    def make() -> None:
        try:
            found.set_result(call())
        except BaseException as error:  # noqa: BLE001  # raised where it is waited for
            found.set_exception(error)

    Thread(target=make, name="bounded-call", daemon=True).start()
    until = time.monotonic() + seconds
    while True:
        left = until - time.monotonic()
        try:
            return found.result(max(0, min(LOOK_S, left)))
        except TimeoutError as error:
            if found.done():
                raise
            if left <= LOOK_S:
                raise TimeoutError(f"no answer within {seconds:g} s") from error
        look()
