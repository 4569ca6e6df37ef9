"""Bounds that a process sets itself before it touches a file that nobody has looked at."""

from __future__ import annotations

import math
import signal
from pathlib import Path

GRACE_S = 10  # whoever waits for the process stops it before; this is for when nobody waits any more


def memory_taken() -> int:
    """Bytes of address space in use, 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return 0
    import resource

    return pages * resource.getpagesize()


def bound_process(*, memory_bytes: int, time_s: float) -> None:
    """This process ends when the time and its grace are over, and gets no more memory than this."""
    try:
        import resource

        signal.alarm(math.ceil(time_s) + GRACE_S)
        if memory_bytes and memory_taken():
            resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, resource.getrlimit(resource.RLIMIT_AS)[1]))
    except (ImportError, AttributeError, OSError, ValueError):
        return  # a system without such limits: the time is bounded all the same
