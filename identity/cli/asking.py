"""What a person at a terminal is asked before anything is written; where nobody sits, the question is an error."""

from __future__ import annotations

import sys

import typer

from identity import UnclearLabelsError
from identity.cli import render

ANSWERS = {"n": "none", "f": "folders"}


def ask_for_labels(unclear: UnclearLabelsError) -> str:
    """The labels that the person chooses. Raises the error itself where there is no terminal to ask at."""
    if not sys.stdin.isatty():
        raise unclear
    render.complain(str(unclear))
    while True:
        answer = typer.prompt("Labels: none or folders? (Ctrl-C stops, nothing was written)", err=True)
        chosen = ANSWERS.get(answer.strip().lower()[:1])
        if chosen is not None:
            return chosen
