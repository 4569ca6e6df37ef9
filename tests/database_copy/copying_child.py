"""Copies a database in small portions and is killed at a moment: `copying_child.py FROM TO FUNCTION N before|after`.

The N-th call of FUNCTION (of `progress`, `streaming` or `restored`) is the moment, and SIGKILL what ends it.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from identity import bootstrap
from identity.store import restored
from identity.store.database_copy import progress, streaming

source, target, name, nth, when = sys.argv[1:]
streaming._PORTION_ROWS = streaming._FETCHED = streaming._FETCHED_LARGE = 2
(room,) = (one for one in (progress, streaming, restored) if hasattr(one, name))
usual, calls = getattr(room, name), 0


def met(*given: Any, **named: Any) -> Any:
    global calls
    calls += 1
    if calls == int(nth) and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    answered = usual(*given, **named)
    if calls == int(nth):
        os.kill(os.getpid(), signal.SIGKILL)
    return answered


setattr(room, name, met)
report = bootstrap.copy_database(source, target)
print(report.resumed_rows, report.started_over)
