"""A call that may never come back, given up after a while."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

R = TypeVar("R")


def within(seconds: float, call: Callable[[], R]) -> R:
    """What the call gives or raises. Raises `TimeoutError` after so many seconds; its thread ends with the process."""
    found: Future[R] = Future()

    def make() -> None:
        try:
            found.set_result(call())
        except BaseException as error:  # noqa: BLE001  # raised where it is waited for
            found.set_exception(error)

    Thread(target=make, name="bounded-call", daemon=True).start()
    try:
        return found.result(seconds)
    except TimeoutError as error:
        if found.done():
            raise
        raise TimeoutError(f"no answer within {seconds:g} s") from error
