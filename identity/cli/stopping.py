"""Ctrl-C and SIGTERM in long commands: the first one stops at the next batch, a second one at once.

Signals are written into a pipe that a thread reads, so the second one counts while the first is not yet answered,
and whatever the program is computing.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread, current_thread, main_thread

from identity.bootstrap import STOPPING
from identity.cli.render import complain

SIGNALS = (signal.SIGINT, signal.SIGTERM)
KILLED = 128  # and the signal's number, as shells say it


@contextmanager
def stoppable(how_it_stands: str) -> Iterator[None]:
    """Run a long command so that it may be stopped; the line says what was done, and how to go on."""
    caught: list[int] = []
    with _watched(caught):
        try:
            yield
        except KeyboardInterrupt:
            number = caught[0] if caught else signal.SIGINT
            complain(f"stopped: {how_it_stands}")
            sys.exit(KILLED + number)


@contextmanager
def _watched(caught: list[int]) -> Iterator[None]:
    """Signals go into `caught`, not to their usual handlers, until the block ends."""
    if current_thread() is not main_thread():  # only there may handlers be set; others are not sent signals
        yield
        return
    receiving, sending = os.pipe()
    if os.name != "nt":
        os.set_blocking(sending, False)
    STOPPING.forget()
    fd_before = signal.set_wakeup_fd(sending, warn_on_full_buffer=False)
    before = [(number, signal.signal(number, lambda _number, _frame: None)) for number in SIGNALS]
    Thread(target=_watch, args=(receiving, caught), name="signals", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(fd_before)
        for number, handler in before:
            signal.signal(number, handler)
        os.close(sending)  # which ends the thread
        STOPPING.forget()


def _watch(receiving: int, caught: list[int]) -> None:
    """Take the signals one by one until the pipe is closed."""
    while number := int.from_bytes(os.read(receiving, 1), "little"):
        if number not in SIGNALS:
            continue
        caught.append(number)
        if len(caught) > 1:
            _leave(number)
        STOPPING.ask()
    os.close(receiving)


def _leave(number: int) -> None:
    with suppress(OSError):
        complain("stopped at once: what was written stays whole")
    os._exit(KILLED + number)
