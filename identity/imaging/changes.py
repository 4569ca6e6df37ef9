"""Says when photographs in a folder change: the system tells; where it may not (over a network), time does.

A burst of changes is one: it is told once nothing has changed for a moment, or after some seconds where it goes on.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from threading import Event
from typing import TYPE_CHECKING

from identity.core.errors import UsageError
from identity.core.shown import shown_name
from identity.core.stopping import STOPPING
from identity.imaging.formats import extensions
from identity.imaging.idx import is_idx_images

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent

QUIET_S = 1.0
LONGEST_S = 10.0  # from the first change of a burst
SWEEP_S = 600.0  # without a change
GLANCE_S = 0.1  # between two looks whether somebody asked to stop
READ_ONLY = ("opened", "closed_no_write")
BESIDE = (".xmp", ".csv")  # files with names of photographs


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to photographs since the last look."""

    _happened: Event = field(default_factory=Event)

    def dispatch(self, event: FileSystemEvent) -> None:
        """Told by the system's observer, in a thread of its own."""
        paths = [os.fsdecode(path) for path in (event.src_path, event.dest_path) if path]
        in_folder = event.is_directory and event.event_type != "modified"  # it was made, moved, or is gone
        if event.event_type not in READ_ONLY and (in_folder or any(map(_matters, paths))):
            self._happened.set()

    def wait(self) -> None:
        """Until something changed and it is quiet again; not longer than `SWEEP_S`. Stops where somebody asked."""
        if not self._wait(SWEEP_S):
            return
        latest = time.monotonic() + LONGEST_S
        while time.monotonic() < latest:
            self._happened.clear()
            if not self._wait(QUIET_S):
                return
        self._happened.clear()

    def _wait(self, longest_s: float) -> bool:
        end = time.monotonic() + longest_s
        while not self._happened.wait(GLANCE_S):
            STOPPING.check()
            if time.monotonic() >= end:
                return False
        STOPPING.check()
        return True


@contextmanager
def changes_in(folder: Path) -> Iterator[Changes]:
    """Watch a folder and all in it. Raises `UsageError` where it cannot be watched."""
    from watchdog.observers import Observer

    if not folder.is_dir():
        raise UsageError(f"folder '{shown_name(folder)}' is not there: mount its disk, or name another")
    changes, observer = Changes(), Observer()
    try:
        observer.schedule(changes, str(folder), recursive=True)  # type: ignore[arg-type]  # only `dispatch` is called
        observer.start()
    except OSError as error:
        raise UsageError(
            f"folder '{shown_name(folder)}' cannot be watched ({error.strerror or error}): run 'identity sync' without "
            "--watch now and then, or raise the system's limit (Linux: fs.inotify.max_user_watches)"
        ) from error
    try:
        yield changes
    finally:
        observer.stop()
        observer.join()


def _matters(path: str) -> bool:
    name = PurePath(path)
    return name.suffix.lower() in (*extensions(), *BESIDE) or is_idx_images(Path(path))
