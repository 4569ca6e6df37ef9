"""Files that a person may take for photographs and that are not read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnreadFiles:
    """Files in folders that look like pictures or videos and are not read: their ending, how many, and why."""

    ending: str
    files: int
    reason: str

    def __str__(self) -> str:
        """As a person is told."""
        return f"{self.files} {self.ending} not read: {self.reason}"
