"""What is called written was synced first: content, then name, then folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from identity.core import durable, unfinished

Done = list[tuple[str, object]]


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Done:
    """What was synced (by inode) and renamed (by name), in order."""
    noted: Done = []

    def noting(name: str, call: Callable[..., object], what: Callable[..., object]) -> Callable[..., object]:
        return lambda *given: (noted.append((name, what(*given))), call(*given))[1]

    monkeypatch.setattr(os, "fsync", noting("sync", os.fsync, lambda handle: os.fstat(handle).st_ino))
    for rename in ("rename", "replace"):
        monkeypatch.setattr(os, rename, noting("name", getattr(os, rename), lambda _, to: Path(to).name))
    return noted


def inode(path: Path) -> tuple[str, int]:
    return "sync", path.stat().st_ino


def test_a_file_is_synced_before_it_is_named_and_its_folder_after(tmp_path: Path, done: Done) -> None:
    (tmp_path / "new").write_bytes(b"x")
    (tmp_path / "kept").write_bytes(b"before")
    durable.replace_durably(tmp_path / "new", tmp_path / "kept")
    assert done == [inode(tmp_path / "kept"), ("name", "kept"), inode(tmp_path)]
    assert (tmp_path / "kept").read_bytes() == b"x"


def test_a_folder_is_synced_with_all_it_holds_before_it_takes_the_place_of_another(tmp_path: Path, done: Done) -> None:
    for name in ("new", "kept"):
        (tmp_path / name / "in").mkdir(parents=True)
        (tmp_path / name / "in" / "file").write_text(name)
    durable.replace_folder_durably(tmp_path / "new", tmp_path / "kept")
    synced, ((_, aside), placed), last = done[:3], done[3:5], done[5:]
    kept = tmp_path / "kept"
    assert {*synced} == {inode(kept / "in" / "file"), inode(kept / "in"), inode(kept)}
    assert (aside.startswith(".kept."), placed) == (True, ("name", "kept"))
    assert last == [inode(tmp_path), inode(tmp_path)]  # once for the new name, once more when the old folder is gone
    assert (kept / "in" / "file").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_every_folder_that_was_missing_is_synced_into_the_one_above_it(tmp_path: Path, done: Done) -> None:
    durable.make_folder(tmp_path / "a" / "b")
    assert done == [inode(tmp_path), inode(tmp_path / "a")]
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    durable.make_folder(tmp_path / "a" / "b")
    assert len(done) == 2


def test_only_what_nobody_works_on_any_more_is_swept(tmp_path: Path) -> None:
    program = "import sys, pathlib; from identity.core import unfinished as u; print(u.beside(pathlib.Path('kept')))"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    left, ours = tmp_path / ended.stdout.strip(), unfinished.beside(tmp_path / "kept")
    others = [tmp_path / left.name.replace("kept", "other"), tmp_path / ".kept.bak", tmp_path / "kept"]
    journal = left.with_name(f"{left.name}-journal")
    for path in (left, journal, ours, *others):
        path.touch()
    unfinished.sweep(tmp_path / "kept")
    assert {*tmp_path.iterdir()} == {ours, *others}
    os.utime(ours, (0, 0))
    unfinished.sweep(tmp_path / "kept")
    assert {*tmp_path.iterdir()} == {*others}
