"""The note beside the database that says who holds the write lock, for whoever waits for it in vain.

It is written after the lock was had and removed before the lock goes, so two writers never share it; it is a
courtesy and never a lock: a note whose process is gone is ignored.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from identity.core.unfinished import is_alive


@dataclass(frozen=True, slots=True)
class WriterNote:
    """The note of one database, as `command` writes it."""

    path: Path
    command: str

    def put(self) -> None:
        """Say that this process writes now."""
        since = datetime.now(UTC).isoformat(timespec="seconds")
        text = json.dumps({"pid": os.getpid(), "command": self.command, "since": since})
        with suppress(OSError):
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as note:
                note.write(text)

    def drop(self) -> None:
        """Say that this process writes no longer."""
        with suppress(OSError):
            self.path.unlink()

    def holder(self) -> str:
        """Who holds the lock, in words; "another program" where nobody living left a note."""
        try:
            note = json.loads(self.path.read_text(encoding="utf-8"))
            pid, command, since = int(note["pid"]), note["command"], note["since"]
        except (OSError, ValueError, KeyError, TypeError):
            return "another program"
        return f"'{command}' (process {pid}, since {since})" if is_alive(pid) else "another program"
