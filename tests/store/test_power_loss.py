"""A power cut at any moment of a command loses nothing that was acknowledged, and leaves nothing half."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BENCH = ROOT / "scripts" / "bench"
POINTS = 25


@pytest.fixture(autouse=True)
def _bench(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))


def futures(model: str, program: list[object]) -> set[tuple[tuple[str, bytes | None], ...]]:
    """Everything that may be on a disk after these operations and a power cut."""
    from power.disk import Disk

    disk = Disk(model)
    for operation in program:
        disk.do(operation)
    rng = random.Random(0)
    return {tuple(sorted(disk.after_power_cut(rng).items())) for _ in range(400)}


def saved(*, synced: bool) -> list[object]:
    """A file that is replaced by another, with and without waiting for the disk."""
    from power.operations import Opened, Renamed, Synced, Written

    before = [Opened("a", True, False), Written("a", 0, b"old"), Synced("a"), Synced("")]
    new = [Opened("b", True, False), Written("b", 0, b"new" * 1000)]
    return [*before, *new, *([Synced("b")] if synced else []), Renamed("b", "a"), *([Synced("")] if synced else [])]


@pytest.mark.parametrize("model", ["strict", "ordered"])
def test_what_was_synced_is_on_every_disk(model: str) -> None:
    assert futures(model, saved(synced=True)) == {(("a", b"new" * 1000),)}


def test_a_strict_disk_loses_and_tears_what_was_not_synced() -> None:
    found = {dict(one)["a"] for one in futures("strict", saved(synced=False))}
    assert {b"old", b"", b"new" * 1000} < found
    torn = [one for one in found if b"\0" in one]
    assert torn
    assert {len(one) % 512 for one in torn} == {0, 3000 % 512}


def test_an_ordered_disk_has_the_old_file_or_the_new_one_and_never_half_of_it() -> None:
    assert {dict(one)["a"] for one in futures("ordered", saved(synced=False))} == {b"old", b"new" * 1000}


def test_a_log_says_what_a_program_did(tmp_path: Path) -> None:
    from power import log
    from power.operations import Cut, FolderMade, Opened, Removed, Renamed, Synced, Written

    _require_strace()
    program = (
        "import os, sys, pathlib, shutil; d = pathlib.Path(sys.argv[1]); os.mkdir(d / 'é')\n"
        "f = open(d / 'é/x', 'wb', 0); f.write(b'abc'); f.write(b'de'); os.pwrite(f.fileno(), b'Z', 1)\n"
        "f.truncate(4); os.fsync(f); os.rename(d / 'é/x', d / 'y'); shutil.copyfile(d.parent / 'outside', d / 'z')\n"
        "os.unlink(d / 'y'); h = os.open(d, os.O_RDONLY); os.fsync(h)"
    )
    (tmp_path / "disk").mkdir()
    (tmp_path / "outside").write_bytes(b"from outside")
    log.traced([sys.executable, "-I", "-c", program, str(tmp_path / "disk")], log=tmp_path / "log")
    assert log.operations(tmp_path / "log", tmp_path / "disk") == [
        FolderMade("é"), Opened("é/x", True, True), Written("é/x", 0, b"abc"), Written("é/x", 3, b"de"),
        Written("é/x", 1, b"Z"), Cut("é/x", 4), Synced("é/x"), Renamed("é/x", "y"), Opened("z", True, True),
        Written("z", 0, b"from outside"), Removed("y"), Synced("."),
    ]  # fmt: skip


def test_nothing_acknowledged_is_lost_and_nothing_half_there_after_power_cuts(tmp_path: Path) -> None:
    _require_strace()
    command = [sys.executable, str(BENCH / "powerloss.py"), "--story", "short", "--points", str(POINTS)]
    ended = subprocess.run(
        [*command, "--json", str(tmp_path / "found.json")], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    found = json.loads((tmp_path / "found.json").read_text())
    assert [(row["disk"], row["points"], row["failed"]) for row in found["rows"]] == [
        ("strict", POINTS, 0),
        ("ordered", POINTS, 0),
    ]
    assert found["rows"][0]["operations"] > 200


def _require_strace() -> None:
    from power import log

    if not log.is_available():
        pytest.skip("needs strace, and leave to trace")
