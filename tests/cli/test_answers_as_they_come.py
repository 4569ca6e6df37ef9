"""Answers of a long query as they come: one document a line on stdout, and lines on a terminal alone."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pydantic import TypeAdapter
from running import Ran

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


def test_lines_are_there_before_the_last_image_is_asked_about(home: Path, scans: Path) -> None:
    first, *rest = sorted((scans / "7").iterdir())[:3]
    more = [str(rest[0])] * 400  # more lines than a pipe holds: the program waits until they are read
    command = [sys.executable, "-m", "identity", "--home", str(home), "query", str(first), *more, "--jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        try:
            assert json.loads(child.stdout.readline())["path"].endswith(first.name)
            assert child.poll() is None
        finally:
            child.kill()


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
