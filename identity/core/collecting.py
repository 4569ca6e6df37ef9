"""Keeps Python's collector of cycles from looking through all that a process holds while many values are made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """A block that makes values without cycles: counting references frees them, as it does everywhere.

    The collector works on afterwards where it did before, whatever other threads do in such blocks of their own.
    """
    worked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if worked:
            gc.enable()
