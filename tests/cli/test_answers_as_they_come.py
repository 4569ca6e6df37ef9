"""Answers of a long query as they come: one document a line on stdout, and lines on a terminal alone."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import TypeAdapter
from running import Ran, main_in

from identity import open_gallery
from identity.documents.schemas import SCHEMAS

ROOT = Path(__file__).parents[2]


def test_jsonl_is_one_document_a_line_with_the_answers_of_the_whole_document(
    run: Callable[..., Ran], scans: Path
) -> None:
    lines = [json.loads(line) for line in run("query", scans / "7", scans / "3", "--jsonl").out.splitlines()]
    whole = run("query", scans / "7", scans / "3", "--json").document
    assert {line["schema"] for line in lines} == {"identity.answer/1"}
    common = ("gallery", "space", "rule", "threshold_remark", "stale", "schema")
    assert [{key: fact for key, fact in line.items() if key not in common} for line in lines] == whole["probes"]
    for line in lines:
        TypeAdapter(SCHEMAS["answer"]).validate_python({k: v for k, v in line.items() if k != "schema"}, strict=True)
    chosen = run("query", min((scans / "7").iterdir()), "--threshold", "0", "--jsonl").document
    assert (chosen["rule"], chosen["threshold_remark"]) == ("chosen", "chosen by you")
    assert chosen["regions"][0]["threshold_remark"] == "chosen by you"


def test_the_first_answers_come_before_later_images_are_read_and_each_line_is_flushed(
    home: Path, scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def images() -> Iterator[np.ndarray]:
        for place, path in enumerate(sorted((scans / "7").iterdir())):
            read.append(place)
            yield np.asarray(Image.open(path).resize((300, 300)))

    with open_gallery("digits", home=home) as gallery:
        next(gallery.query(images()))
        assert len(read) <= 4  # of 40: the first, and what is read ahead meanwhile
    flushed = Flushed()
    monkeypatch.setattr(sys, "stdout", flushed)
    main_in(home, "query", str(scans / "7"), "--jsonl")
    assert flushed.getvalue().count("\n") == flushed.lines_when_flushed[-1] == 40
    assert flushed.lines_when_flushed[:40] == list(range(1, 41))


class Flushed(io.StringIO):
    """How many lines there were at each flush."""

    def __init__(self) -> None:
        super().__init__()
        self.lines_when_flushed: list[int] = []

    def flush(self) -> None:
        self.lines_when_flushed.append(self.getvalue().count("\n"))


def test_progress_writes_answers_to_a_terminal_and_nothing_elsewhere(
    run: Callable[..., Ran], home: Path, scans: Path
) -> None:
    quiet = run("query", scans / "7", "--progress")
    assert quiet.err == ""
    images = [str(path) for path in sorted((scans / "7").iterdir())[:3]]
    terminal, other_end = pty.openpty()
    command = [sys.executable, "-m", "identity", "--home", str(home), "query", *images, "--progress", "--jsonl"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=other_end, check=False, text=True, cwd=ROOT)
    os.close(other_end)
    said = b""
    while chunk := _read(terminal):
        said += chunk
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 3
    assert all(f"{Path(image).name}: 7  known".encode() in said for image in images)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:
        return b""


def test_two_forms_of_json_at_once_are_refused(run: Callable[..., Ran], scans: Path) -> None:
    both = run("query", scans / "7", "--json", "--jsonl")
    assert (both.code, both.err) == (2, "identity: give either --json or --jsonl\n")
