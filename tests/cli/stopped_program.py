"""Runs commands in processes of their own, sends each one signals while it stands at a seam, and says what came of it.

    python stopped_program.py CASES.json RESULTS.json

A case has the command's `arguments`, the `seam` at which it is met (1 is the first), and the `signals` it is sent. Of
two signals the command meets the second still standing there, as if a batch took for ever. Processes are forked
from this one, which has imported the program and opened nothing.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import Any

from identity.cli.main import main
from identity.core.stopping import STOPPING


def stand_at(seam: int, here: int, *, for_ever: bool) -> None:
    """Let the process say on `here` that it reached the seam, and wait there for the signal."""
    check, reached = STOPPING.check, 0

    def say_and_wait() -> None:
        nonlocal reached
        reached += 1
        if reached == seam:
            os.write(here, b".")
            STOPPING._asked.wait()
            os.write(here, b".")
            for _ in range(for_ever):
                Event().wait()
        check()

    STOPPING.check = say_and_wait  # type: ignore[method-assign]


def program(case: dict[str, Any], out: Path, here: int) -> None:
    signal.alarm(60)  # whoever is not stopped by then never will be
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(out / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    stand_at(case["seam"], here, for_ever=len(case["signals"]) > 1)
    code: Any = 0
    try:
        main(case["arguments"])
    except SystemExit as stop:
        code = stop.code or 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def train_without_a_network(training: Any) -> None:
    """Steps as a training makes them, without the half minute that TensorFlow needs before the first one."""

    def steps(*_given: Any, on_step: Any, **_options: Any) -> Any:
        for done in range(1, 100):
            on_step(done, 100, 1.0)
        raise AssertionError("nobody stopped it")

    training.train = steps


def met(case: dict[str, Any], out: Path) -> dict[str, Any]:
    """What a command said and did after its signals."""
    begun = time.monotonic()
    there, here = os.pipe()
    child = os.fork()
    if not child:
        os.close(there)
        program(case, out, here)
    os.close(here)
    stood = os.read(there, 1) == b"."  # or it ended before
    for name in case["signals"] if stood else ():
        os.kill(child, getattr(signal, name))
        os.read(there, 1)  # it knows
    _, status = os.waitpid(child, 0)
    os.close(there)
    said = {name: (out / name).read_text("utf-8") for name in ("out", "err")}
    return {"stood": stood, "wall_s": time.monotonic() - begun, "code": os.waitstatus_to_exitcode(status), **said}


if __name__ == "__main__":
    for name in ("faiss", "onnxruntime", "identity.gallery", "identity.store.sqlite.database"):
        import_module(name)
    train_without_a_network(import_module("identity.training"))
    cases = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    results = Path(sys.argv[2])
    results.write_text(json.dumps([met(case, results.parent) for case in cases]), "utf-8")
