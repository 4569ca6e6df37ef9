"""Lets small galleries be searched through codes, as those of many people are, in this process and all that it forks.

A gallery needs 4,096 samples before it has a `.codes` file beside its snapshot, and one that is killed, damaged or
raced hundreds of times a minute cannot have so many. So the limits are lowered here: every gallery in which anybody has
a name has codes, a few new samples outgrow its snapshot, and a scan lists so few at first that it rules others out.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from identity.core import search_engine, search_state
from identity.indexes import certified

LOWERED = {
    (search_engine, "MANY_SAMPLES"): 1,
    (search_engine, "SMALL_IDENTITY"): 1 << 40,
    (certified, "BEST"): (4, 16),
    (search_state, "SMALL"): 16,
}
USUAL = {place: getattr(*place) for place in LOWERED}


def search_by_codes(*, on: bool = True) -> None:
    """From here on, or no more."""
    for (module, name), limit in (LOWERED if on else USUAL).items():
        setattr(module, name, limit)


def add_option(parser: argparse.ArgumentParser) -> None:
    """`--codes`, for harnesses that do so in all that they start."""
    parser.add_argument("--codes", action="store_true", help="search the galleries through codes, however small")


def files_of_codes(home: Path) -> list[Path]:
    """The codes that lie beside snapshots of a home."""
    return sorted((home / "indexes").glob("*.codes"))
