"""Decodes pictures in a process of its own, which may be stopped: no thread can be, and a crash there costs one file.

Only pictures that may take long go there: large ones, and formats with a long history of errors. The process is begun
with the first and serves until it is stopped; it may use so much memory and no more.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Any, cast

import numpy as np

from identity.core.errors import UnreadableImageError
from identity.core.limits import Limits
from identity.core.shown import shown_name
from identity.core.types import Box, Image
from identity.imaging.pictures import Picture

PROGRAM = (
    "import json, sys; sys.path = json.loads(sys.argv[1]); from identity.imaging.apart_child import serve; serve()"
)

_LOCK = Lock()
_RUNNING: list[subprocess.Popen[bytes]] = []


def decode_apart(path: Path, limits: Limits, *, by_pixels: bool = False) -> Picture:
    """What a file shows, one file at a time. Raises `UnreadableImageError`, also where it takes too long."""
    header, (pixels,) = _answer(path, limits, {"by_pixels": by_pixels})
    content = bytes.fromhex(header["content"])
    return Picture(pixels, content, header["width"], header["height"], header["reduced"])


def parts_apart(path: Path, limits: Limits, boxes: Sequence[Box]) -> list[Image]:
    """Parts of what a file shows, every pixel of them. Raises as `decode_apart` does."""
    return _answer(path, limits, {"boxes": [box.as_list() for box in boxes]})[1]


def _answer(path: Path, limits: Limits, wanted: dict[str, Any]) -> tuple[dict[str, Any], list[Image]]:
    request = wanted | {
        "path": str(path), "pixels": limits.pixels, "bytes": limits.decoding_bytes, "time_s": limits.time_per_file_s,
    }  # fmt: skip
    with _LOCK:
        child = _child()
        with _stopped_after(child, limits.time_per_file_s) as stopped:
            answer = _ask(child, json.dumps(request))
    if answer is not None:
        return answer
    if stopped:
        raise UnreadableImageError(
            f"{shown_name(path)} takes longer than {limits.time_per_file_s:g} s to decode: "
            "save it in another format, or raise IDENTITY_TIME_PER_FILE_S"
        )
    raise UnreadableImageError(f"{shown_name(path)} broke the program that decodes it: save it in another format")


def _child() -> subprocess.Popen[bytes]:
    if _RUNNING and _RUNNING[0].poll() is not None:
        _RUNNING.clear()
    if not _RUNNING:
        command = [sys.executable, "-c", PROGRAM, json.dumps(sys.path)]
        pipe = subprocess.PIPE
        _RUNNING.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL))
        cast("IO[bytes]", _RUNNING[0].stdout).readline()  # it is ready
    return _RUNNING[0]


@contextmanager
def _stopped_after(child: subprocess.Popen[bytes], seconds: float) -> Iterator[list[bool]]:
    """Kills the process when the time is over; the list then is not empty. One that broke is taken away."""
    stopped: list[bool] = []

    def stop() -> None:
        stopped.append(True)
        child.kill()

    timer = Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield stopped
    except UnreadableImageError:  # it answered, and goes on
        raise
    except BaseException:
        child.kill()
        child.wait()
        raise
    finally:
        timer.cancel()
        with suppress(subprocess.TimeoutExpired):
            child.wait(0.05 if stopped else 0)
        if stopped or child.poll() is not None:
            _RUNNING.clear()


def _ask(child: subprocess.Popen[bytes], request: str) -> tuple[dict[str, Any], list[Image]] | None:
    """What the process answers; None where it ended instead. Raises `UnreadableImageError` where that is its answer."""
    to, of = cast("IO[bytes]", child.stdin), cast("IO[bytes]", child.stdout)
    try:
        to.write(request.encode() + b"\n")
        to.flush()
        header: dict[str, Any] = json.loads(of.readline() or b"null") or {}
    except (OSError, ValueError):
        header = {}
    if "error" in header:
        raise UnreadableImageError(header["error"])
    arrays = [np.empty(shape, np.uint8) for shape in header.get("shapes", ())]
    whole = bool(header) and all(_fill(array, of) for array in arrays)
    if not whole:
        with suppress(subprocess.TimeoutExpired):
            child.wait(1)
        child.kill()
        child.wait()
    return (header, arrays) if whole else None


def _fill(array: Image, of: IO[bytes]) -> bool:
    return array.size == 0 or of.readinto(array.reshape(-1).data) == array.nbytes  # type: ignore[attr-defined]
