"""`sync --watch` stays, enrolls what comes, says what changed and nothing else, and ends with Ctrl-C."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from running import Ran
from test_labels import held, home, run, stroke  # noqa: F401 (fixtures)

ROOT = Path(__file__).parents[2]
ENOUGH_S = 300.0  # whoever waits longer waits for nothing


@contextmanager
def watching(home: Path, *options: str) -> Iterator[subprocess.Popen[str]]:  # noqa: F811
    """The program as it watches `album` for the gallery of this folder."""
    words = ["--home", str(home), "sync", "album", "--watch", "-g", Path.cwd().name, *options]
    program = subprocess.Popen(
        [sys.executable, "-m", "identity", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    alarm = Timer(ENOUGH_S, program.kill)
    alarm.start()
    try:
        yield program
    finally:
        alarm.cancel()
        program.kill()
        program.communicate()


def test_what_comes_is_enrolled_until_ctrl_c(run: Callable[..., Ran], home: Path) -> None:  # noqa: F811
    stroke("album/Anna/1.png", 5)
    with watching(home, "--jsonl") as program:
        assert program.stdout is not None

        def document() -> dict[str, Any]:
            return json.loads(program.stdout.readline())

        first = document()
        assert (first["schema"], first["gallery_samples"]) == ("identity.sync/1", 1)
        Path("album/Anna/notes.txt").write_text("no photograph: nothing happens")
        stroke("elsewhere/2.png", 9)
        shutil.copytree("elsewhere", "album/Ben")
        second = document()
        assert (second["gallery_samples"], second["unchanged"]) == (1, 1)
        Path("album/Anna/1.png").rename("album/1.png")
        assert document()["moved"] == 1
        program.send_signal(signal.SIGINT)
        out, err = program.communicate()
    assert (program.returncode, out) == (130, "")
    assert err == "identity: stopped: what was done stays, run the command again for the rest\n"
    assert sorted(held(run)) == [("Anna", "album/1.png"), ("Ben", "album/Ben/2.png")]


def test_a_change_is_one_line_on_the_terminal(run: Callable[..., Ran], home: Path) -> None:  # noqa: F811
    stroke("album/Anna/1.png", 5)
    with watching(home) as program:
        assert program.stdout is not None
        lines = [program.stdout.readline() for _ in range(2)]
        Path("album/Anna/1.png").rename("away.png")
        stroke("album/Anna/2.png", 9)
        lines.append(program.stdout.readline())
        program.send_signal(signal.SIGTERM)
        program.communicate()
    assert (lines[1:], program.returncode) == (["0 unchanged\n", "1 samples enrolled; 1 gone\n"], 143)


@pytest.mark.parametrize("other", ["--json --jsonl", "--json --watch"])
def test_documents_of_changes_are_lines(run: Callable[..., Ran], other: str) -> None:  # noqa: F811
    stroke("album/1.png", 5)
    said = run(f"sync album {other}")
    assert (said.code, said.err.count("\n"), "--jsonl" in said.err) == (2, 1, True)
    assert run("sync nowhere --watch").err == f"identity: folder '{Path.cwd() / 'nowhere'}' is not there: " + CURE


CURE = "mount its disk, or name another\n"
