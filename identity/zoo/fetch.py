"""Brings one file from an address or a folder to a path; whether it is the right file is for the caller to check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from identity.core.errors import ModelError, NotFoundError, first_line
from identity.core.stopping import STOPPING

Progress = Callable[[int, int], None]  # bytes so far, bytes in all (0 where the server does not say)
TIMEOUT_S = 30
_CHUNK_BYTES = 1 << 24


def is_address(place: str) -> bool:
    """Whether a mirror or release is fetched over the network."""
    return place.startswith(("http://", "https://"))


def fetch(place: str, target: Path, *, progress: Progress | None = None) -> None:
    """Copy the file at an address or path to `target`.

    Raises `ModelError` where the network, the server or the disk refuses, `NotFoundError` where no such file is.
    """
    if not is_address(place):
        _copy(Path(place), target)
        return
    import pooch

    downloader = pooch.HTTPDownloader(progressbar=_Bar(progress), timeout=TIMEOUT_S)
    try:
        downloader(place, str(target), None)
    except (OSError, ValueError) as error:  # every error of requests is an OSError
        cause = first_line(error)
        raise ModelError(f"cannot download {place} ({cause}): try again, or use a mirror that has it") from error


def _copy(source: Path, target: Path) -> None:
    if not source.is_file():
        raise NotFoundError(f"there is no file {source}: check the path")
    try:
        with source.open("rb") as read, target.open("wb") as written:
            while chunk := read.read(_CHUNK_BYTES):
                STOPPING.check()
                written.write(chunk)
    except OSError as error:
        raise ModelError(f"cannot copy {source} ({error.strerror}): check permissions and free space") from error


@dataclass(slots=True)
class _Bar:
    """What pooch expects of a progress bar, told onwards as two numbers."""

    report: Progress | None
    total: int = 0
    done: int = 0

    def update(self, count: int) -> None:
        """`count` more bytes are here."""
        STOPPING.check()
        self.done += count
        if self.report is not None:
            self.report(self.done, self.total)

    def reset(self) -> None:
        """Begin again; pooch does so before it fills the bar up at the end."""
        self.done = 0

    def close(self) -> None:
        """Nothing to close."""
