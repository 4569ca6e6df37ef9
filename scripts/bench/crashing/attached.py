"""One command in a forked process with `strace` attached: what it calls, or what comes of a call that fails."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

CALL = re.compile(r"(\d+) +(\w+)\((.*)")
HERE = re.compile(r"AT_FDCWD<[^>]*>")  # `-y` says it with every relative call, whatever that touches
CALLS = ("write", "pwrite64", "fsync", "fdatasync", "rename", "openat", "ftruncate", "unlink", "mkdir")
MOST_S = 60


@dataclass(frozen=True)
class Ended:
    """How the command ended."""

    code: int
    out: str
    err: str

    @property
    def is_answered(self) -> bool:
        """By success, by one line, or by findings: the examination says them where answers go."""
        last = self.err.strip().splitlines()[-1:]
        said = bool(self.out) or any(line.startswith("identity: ") for line in last)
        return "Traceback" not in self.err and (self.code == 0 or said)


def why_not() -> str | None:
    """Why nothing can be traced here, if so."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(["strace", "-e", "inject=fsync:error=EIO:when=1", "true"], capture_output=True, text=True)
    return None if tried.returncode == 0 else f"processes cannot be traced here: {tried.stderr.splitlines()[-1]}"


def run(line: str, work: Path, *options: str) -> Ended:
    """`identity LINE` on the home in `work`, with `strace OPTIONS` attached before it begins."""
    ready, go = os.pipe()
    child = os.fork()
    if not child:
        os.close(go)
        answers = [os.open(work / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600) for name in ("out", "err")]
        os.read(ready, 1)
        _command(line, work, answers)
    os.close(ready)
    tracer = subprocess.Popen(["strace", "-f", "-p", str(child), *options], stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    tracer.stderr.readline()  # "Process 1 attached"
    os.write(go, b".")
    os.close(go)
    _, status = os.waitpid(child, 0)
    tracer.communicate()
    said = ((work / name).read_text("utf-8", "replace") for name in ("out", "err"))
    return Ended(os.waitstatus_to_exitcode(status), *said)


def _command(line: str, work: Path, answers: Sequence[int]) -> None:
    from identity.cli.main import main

    signal.alarm(MOST_S)
    for number, answer in zip((1, 2), answers, strict=True):
        os.dup2(answer, number)
    os.chdir(work)
    code = 0
    try:
        main(["--home", str(work / "home"), *line.split()])
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 0
    except BaseException:  # noqa: BLE001 (a traceback is what is looked for)
        import traceback

        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def calls_in(log: Path, work: Path) -> Iterator[tuple[str, int]]:
    """Name and number of every call that touches the home or a backup, the number as `when=` counts: by thread."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    seen: set[tuple[str, int]] = set()
    for row in log.read_text("utf-8", "replace").splitlines():
        found = CALL.match(row)
        if not found:
            continue
        thread, name, rest = found.groups()
        counts[thread][name] += 1
        place = (name, counts[thread][name])
        rest = HERE.sub("", rest)
        if str(work) in rest and f"{work}/out" not in rest and f"{work}/err" not in rest and place not in seen:
            seen.add(place)
            yield place
