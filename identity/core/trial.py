"""Tries something out in a process of its own, which may take so long and so much memory and no more.

A file of which nobody knows what a library will do with it goes there first: where it hangs, swells or breaks the
process, that costs one line.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from identity.core.bounds import bound_process, memory_taken
from identity.core.errors import IdentityError, ModelError
from identity.core.shown import shown_name, visible
from identity.core.stopping import STOPPING

PROGRAM = "import json, sys; sys.path = json.loads(sys.argv[1]); from identity.core.trial import serve; serve()"
LOOK_S = 0.2  # between two looks whether somebody wants us to stop
LONGEST_REASON = 300
OUT_OF_MEMORY = ("bad_alloc", "allocate memory", "allocation failed", "out of memory")
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried, and how long and with how many bytes of memory beside the idle process it may be."""

    function: str  # "module:name" in this package; takes `Texts`
    time_s: float
    memory_bytes: int
    cure: str


def try_out(trial: Trial, path: Path, texts: Texts) -> None:
    """Call the function for a file. Raises `ModelError` with what it raised, or with the bound that the file broke."""
    named = shown_name(path)
    request = {"function": trial.function, "texts": texts, "bytes": trial.memory_bytes, "time_s": trial.time_s}
    answer = _ask(request, trial.time_s)
    match answer:
        case {"error": None}:
            return
        case {"error": reason}:
            raise ModelError(reason)
        case {"end": "time"}:
            raise ModelError(f"{named} takes longer than {trial.time_s:g} s to load: {trial.cure}")
        case {"end": "memory"}:
            most_mb = trial.memory_bytes / 1e6
            raise ModelError(f"{named} needs more than {most_mb:,.0f} MB of memory to load: {trial.cure}")
        case _:
            raise ModelError(f"{named} broke the program that loads it: {trial.cure}")


def _ask(request: Mapping[str, object], time_s: float) -> Mapping[str, str | None]:
    """What the process answers: the `error` that was raised or None, or else how it came to its `end`."""
    command = [sys.executable, "-c", PROGRAM, json.dumps(sys.path), json.dumps(request)]
    end, nothing = time.monotonic() + time_s, subprocess.DEVNULL
    with subprocess.Popen(command, stdin=nothing, stdout=subprocess.PIPE, stderr=nothing) as child:
        try:
            said = _said(child, end)
        finally:
            child.kill()
    try:
        return {"end": "time"} if said is None else json.loads(said)
    except ValueError:
        return {"end": "broken"}


def _said(child: subprocess.Popen[bytes], end: float) -> bytes | None:
    """All that the process writes, None where it does not end in time. Raises `KeyboardInterrupt` where asked to."""
    while time.monotonic() < end:
        STOPPING.check()
        try:
            return child.communicate(timeout=LOOK_S)[0]
        except subprocess.TimeoutExpired:
            continue
    return None


def serve() -> None:
    """What the process does: one call, within its bounds, and one answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks decides what Ctrl-C means
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")  # libraries may print
    os.dup2(2, 1)
    request = json.loads(sys.argv[2])
    module, name = request["function"].split(":")
    function = getattr(import_module(module), name)
    bound_process(memory_bytes=memory_taken() + request["bytes"], time_s=request["time_s"])
    try:
        function(request["texts"])
        answer: dict[str, str | None] = {"error": None}
    except Exception as error:  # noqa: BLE001 (what a library raises on such a file is its own affair)
        answer = _answer(error)
    json.dump(answer, answers)
    answers.flush()


def _answer(error: Exception) -> dict[str, str | None]:
    reason = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, MemoryError) or any(sign in reason.lower() for sign in OUT_OF_MEMORY):
        return {"end": "memory"}
    if isinstance(error, IdentityError):
        return {"error": visible(reason)}
    return {"error": f"{visible(reason)[:LONGEST_REASON]}: give another file"}
