"""The process that does one job, as the server sees it: begun, listened to, asked to end.

A job takes the processor for minutes. In a process of its own, with a lower priority, nobody who asks waits for it,
and where it is killed the server goes on.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from identity.home import Home
    from identity.web.job_files import Job

PROGRAM = "import json, sys; sys.path = json.loads(sys.argv[1]); from identity.web.job_child import serve; serve()"


class Working(Protocol):
    """Does a job."""

    def news(self) -> Iterator[dict[str, Any]]:
        """What it tells until it ends; the last of it is the report, a problem, or that it was stopped."""
        ...

    def stop(self) -> None:
        """Ask it to end at its next seam; what it has written stays."""
        ...

    def kill(self) -> None:
        """End it at once; what it has written stays whole."""
        ...


@dataclass(frozen=True, slots=True)
class JobProcess:
    """`Working` in a process. It ends by itself when nobody holds the other end of its standard input any more."""

    running: subprocess.Popen[bytes]

    @classmethod
    def begin(cls, home: Home, job: Job, files: list[Path]) -> JobProcess:
        """Start it; `files` are the images that were uploaded for the job."""
        command, pipe = [sys.executable, "-P", "-c", PROGRAM, json.dumps(sys.path)], subprocess.PIPE
        begun = cls(subprocess.Popen(command, stdin=pipe, stdout=pipe))
        asked = {"home": str(home.settings.home), "place": home.settings.for_a_child, "job": asdict(job)}
        asked["files"] = [str(file) for file in files]
        with suppress(OSError):  # one that has ended already tells nothing, which is seen
            to = cast("IO[bytes]", begun.running.stdin)
            to.write(json.dumps(asked).encode() + b"\n")
            to.flush()
        return begun

    def news(self) -> Iterator[dict[str, Any]]:
        """Each line that it writes; one that was cut off when it was killed is none."""
        with self.running:
            for line in cast("IO[bytes]", self.running.stdout):
                if line.endswith(b"\n"):
                    yield json.loads(line)

    def stop(self) -> None:
        """By a signal."""
        self.running.terminate()

    def kill(self) -> None:
        """By one that it cannot answer."""
        self.running.kill()
