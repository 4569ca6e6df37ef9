"""Sizes of functions and files, so that each stays one thing that a person can read.

A function is measured from its `def` line to its end, docstring included, decorators not; a function within another is
counted with it, and by itself as well.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("identity", "scripts", "tests", "migrations")
MOST_LINES_OF_A_FILE = 200
MOST_LINES_OF_A_FUNCTION = 40
MEDIAN_LINES = 6
P90_LINES = 16
Function = tuple[str, int]  # where it stands, and how many lines it has


@cache
def sources(folder: str) -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / folder).rglob("*.py"))}


def functions(folder: str) -> list[Function]:
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for path, text in sources(folder).items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_is_longer_than_one_story(folder: str) -> None:
    sizes = {str(path.relative_to(ROOT)): len(text.splitlines()) for path, text in sources(folder).items()}
    assert sizes
    assert {path: lines for path, lines in sizes.items() if lines > MOST_LINES_OF_A_FILE} == {}


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_function_is_longer_than_a_screen(folder: str) -> None:
    assert [where for where in functions(folder) if where[1] > MOST_LINES_OF_A_FUNCTION] == []


@pytest.mark.parametrize("folder", ["identity", "tests"])
def test_most_functions_are_short(folder: str) -> None:
    lines = [lines for _, lines in functions(folder)]
    assert np.median(lines) <= MEDIAN_LINES
    assert np.quantile(lines, 0.9) <= P90_LINES
