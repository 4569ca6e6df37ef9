"""Folders that are not called after people: at a terminal one is asked, and nothing is written before the answer."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from running import ran

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home(dataset: Callable[[str], Path], new_home: Callable[[Path], Path], tmp_path: Path) -> Path:
    """A gallery of faces, and beside its home one photograph in a folder that is an event."""
    home, face = new_home(tmp_path / "home"), "weights/face-reid-0095/face-reidentification-retail-0095.onnx"
    for weights in (dataset("weights/yunet") / "yunet_n_dynamic.onnx", dataset(face)):
        assert ran("--home", home, "models", "add", weights).code == 0
    assert ran("--home", home, "gallery", "create", "people", "--model", "face-reid-0095").code == 0
    (tmp_path / "album" / "2019 Ostsee").mkdir(parents=True)
    Image.open(dataset("faces/orl") / "s1" / "1.pgm").save(tmp_path / "album" / "2019 Ostsee" / "1.png")
    return home


def at_a_terminal(folder: Path, home: Path, typed: bytes) -> subprocess.CompletedProcess[str]:
    """`identity enroll album` where the answers are typed."""
    keyboard, terminal = pty.openpty()
    os.write(keyboard, typed)
    try:
        return subprocess.run(
            [sys.executable, "-m", "identity", "--home", str(home), "enroll", "album", "-g", "people"],
            stdin=terminal, capture_output=True, text=True, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    finally:
        os.close(terminal)
        os.close(keyboard)


def test_what_is_no_answer_is_asked_again_and_the_answer_counts(home: Path, tmp_path: Path) -> None:
    stopped = at_a_terminal(tmp_path, home, b"\x04")  # end of input
    assert stopped.returncode != 0
    assert "2019 Ostsee: a date" in stopped.stderr
    assert ran("--home", home, "samples", "list", "-g", "people", "--json").document["samples"] == []

    answered = at_a_terminal(tmp_path, home, b"what\nnone\n")
    assert answered.returncode == 0, answered.stderr
    assert answered.stderr.count("Labels: none or folders?") == 2
    (sample,) = ran("--home", home, "samples", "list", "-g", "people", "--json").document["samples"]
    assert sample["identity"] is None
