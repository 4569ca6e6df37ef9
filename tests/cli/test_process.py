"""The program as a process of its own: it leaves at once, and leaves nothing unsaid."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


def started(*arguments: str, home: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "IDENTITY_HOME": str(home), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", "identity", *arguments], capture_output=True, text=True, cwd=cwd, env=environment
    )


@pytest.fixture(scope="module")
def home(new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_home(tmp_path_factory.mktemp("dóm") / "héim")


def test_all_of_a_long_answer_arrives_through_a_pipe_before_the_process_leaves(home: Path, tmp_path: Path) -> None:
    ran = started("samples", "list", "--limit", "5000", "--json", home=home, cwd=tmp_path)
    assert ran.returncode == 0
    assert len(json.loads(ran.stdout)["samples"]) == 5000


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["--version"], 0), (["query", "nowhere.png"], 1), (["query"], 2), (["query", "--exit-code", "blank.png"], 3)],
)
def test_the_exit_code_is_that_of_the_command(home: Path, tmp_path: Path, arguments: list[str], code: int) -> None:
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(tmp_path / "blank.png")
    ran = started(*arguments, home=home, cwd=tmp_path)
    assert ran.returncode == code, ran.stderr
    assert "Traceback" not in ran.stderr


def test_whoever_reads_only_the_first_line_sees_no_traceback(home: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "IDENTITY_HOME": str(home)}
    command = f"'{sys.executable}' -m identity samples list --limit 20000 | head -1"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert ran.stdout.split()[0] == "id"
    assert ran.stderr == ""
