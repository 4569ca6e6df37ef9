"""A person's wish that long work stop: asked for once, by a signal, and met where the work has a seam.

Long work calls `STOPPING.check()` between two batches; a program that never asks notices nothing of it.
"""

from __future__ import annotations

from threading import Event


class Stopping:
    """Whether somebody asked; one for the whole process, as signals are."""

    def __init__(self) -> None:
        self._asked = Event()

    @property
    def asked(self) -> bool:
        """Whether the work shall end at its next seam."""
        return self._asked.is_set()

    def ask(self) -> None:
        """From any thread: end at the next seam."""
        self._asked.set()

    def forget(self) -> None:
        """What was asked is answered, or meant other work."""
        self._asked.clear()

    def check(self) -> None:
        """At a seam: raises `KeyboardInterrupt` where somebody asked."""
        if self._asked.is_set():
            raise KeyboardInterrupt


STOPPING = Stopping()
