"""What a person at a terminal is asked before anything is written; where nobody sits, the question is an error."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

import typer

from identity import UnclearLabelsError
from identity.cli import render

T = TypeVar("T")
ANSWERS = {"n": "none", "f": "folders"}


def once_labels_are_clear(labels: str | None, work: Callable[[str | None], T]) -> T:
    """What the work gives with these labels; where folders are no names, with those that the person chooses then.

    Raises `UnclearLabelsError` where there is no terminal to ask at.
    """
    try:
        return work(labels)
    except UnclearLabelsError as unclear:
        if not sys.stdin.isatty():
            raise
        render.complain(str(unclear))
    return work(_ask())


def _ask() -> str:
    while True:
        answer = typer.prompt("Labels: none or folders? (Ctrl-C stops, nothing was written)", err=True)
        chosen = ANSWERS.get(answer.strip().lower()[:1])
        if chosen is not None:
            return chosen
