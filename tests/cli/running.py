"""Runs the program in this process as a person would, and keeps what it said."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

from identity.cli.main import main


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict:
        return json.loads(self.out)


def ran(*arguments: object) -> Ran:
    """`identity ARGUMENTS`."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = int(stop.code or 0)
    return Ran(code, out.getvalue(), err.getvalue())


def main_in(home: Path, *arguments: str) -> int:
    """The exit code of `identity --home HOME ARGUMENTS`; what it says is not caught."""
    try:
        main(["--home", str(home), *arguments])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0
