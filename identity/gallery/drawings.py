"""Photographs that were asked about, each drawn to a file of its own with a box and a verdict on every face."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from identity.core.answers import ProbeVerdict
from identity.pictures import verdicts


@dataclass(frozen=True, slots=True)
class Drawings:
    """Files named after `path`: OUT.jpg for the first photograph, OUT-2.jpg for the second."""

    path: Path

    def __post_init__(self) -> None:
        """Raises `UsageError` for a file that cannot be drawn, before anything slow is done."""
        verdicts.check_path(self.path)

    def draw(self, answer: ProbeVerdict, *, place: int) -> Path | None:
        """Draw the answer at this place, counted from 0; the file, None where there is no image to draw on."""
        path = verdicts.numbered_path(self.path, place)
        return path if verdicts.draw_verdicts(answer, path=path) else None
