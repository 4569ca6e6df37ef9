"""Where a Dask scheduler listens, from the file that it writes."""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from pathlib import Path

START_S = 60  # of a process


def address_in(file: Path) -> str:
    """What a scheduler writes into a file when it listens."""
    end_s = time.monotonic() + START_S
    while time.monotonic() < end_s:
        with suppress(FileNotFoundError, json.JSONDecodeError):  # it is not written at one stroke
            return str(json.loads(file.read_text())["address"])
        time.sleep(0.1)
    sys.exit(f"no scheduler listens after {START_S} s: see {file.parents[1] / 'said'}")
