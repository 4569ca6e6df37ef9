"""What a copy of a whole database to another place was, and what may be watched of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

OnRows = Callable[[str, int, int], None]  # told what is done now, how many rows of it are done, and how many there are


def unwatched(_act: str, _done: int, _total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class DatabaseCopyReport:
    """A copy that was compared with its source, row by row."""

    source: str  # where both lie, as people write it; never a password
    target: str
    rows: Mapping[str, int]  # by table
    resumed_rows: int  # of these, how many an interrupted copy had brought already
    started_over: bool  # whether an interrupted copy was dropped, because the source had changed
