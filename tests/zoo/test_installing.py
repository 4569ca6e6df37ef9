"""A model's place: taken whole, given back where a program was killed at it, never where a link or a file stands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from offers import WEIGHTS, entry, left_in

from identity.core.errors import ModelError, NotFoundError, UsageError
from identity.zoo.folder import InstalledModel, ModelFolder
from identity.zoo.manifest import dump

NOBODY = "999999999-00000000"  # no process has this number


def made(folder: Path, content: bytes = WEIGHTS) -> Path:
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(content)
    (folder / "manifest.json").write_text(dump(entry("x", content=content).manifest))
    return folder


@pytest.fixture
def installed(models: ModelFolder, tmp_path: Path) -> InstalledModel:
    return models.add(made(tmp_path / "first"))


def test_a_model_whose_replacement_was_killed_is_there_again(models: ModelFolder, installed: InstalledModel) -> None:
    (models.home / "tiny").rename(models.home / f".tiny.{NOBODY}.old")
    assert models.get("tiny").path.read_bytes() == WEIGHTS
    assert left_in(models) == ["tiny"]


def test_one_that_is_being_replaced_by_a_living_program_is_left_to_it(
    models: ModelFolder, installed: InstalledModel
) -> None:
    aside = models.home / f".tiny.{os.getpid()}-00000000.old"
    (models.home / "tiny").rename(aside)
    with pytest.raises(NotFoundError):
        models.get("tiny")
    assert aside.is_dir()


def test_what_killed_programs_left_is_gone_after_the_next_look(models: ModelFolder, installed: InstalledModel) -> None:
    for ending in ("old", "new", "removed"):
        made(models.home / f".tiny.{NOBODY}.{ending}")
    made(models.home / ".other.yq1_0abc")  # as older versions called it
    os.utime(models.home / ".other.yq1_0abc", (0, 0))
    (models.home / ".git").mkdir()
    os.utime(models.home / ".git", (0, 0))
    assert [one.manifest.name for one in models.list()] == ["tiny"]
    assert left_in(models) == [".git", "tiny"]


def test_a_killed_replacement_leaves_the_old_model_or_the_new_one(
    models: ModelFolder, installed: InstalledModel, tmp_path: Path
) -> None:
    program = (
        "import os, sys, pathlib; from identity.zoo.folder import ModelFolder\n"
        "rename, left = pathlib.Path.rename, [int(sys.argv[3])]\n"
        "def counted(path, to):\n"
        "    os._exit(9) if not left[0] else left.__setitem__(0, left[0] - 1)\n"
        "    return rename(path, to)\n"
        "pathlib.Path.rename = counted\n"
        "ModelFolder(pathlib.Path(sys.argv[1]), pathlib.Path('x')).add(pathlib.Path(sys.argv[2]))\n"
    )
    other = made(tmp_path / "second", b"better weights")
    for renames, expected in ((0, WEIGHTS), (1, WEIGHTS), (2, b"better weights")):
        command = [sys.executable, "-c", program, str(models.home), str(other), str(renames)]
        subprocess.run(command, check=False, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])})
        assert models.get("tiny").path.read_bytes() == expected
    models.list()
    assert left_in(models) == ["tiny"]


@pytest.mark.parametrize("there", [True, False])
def test_a_link_in_the_place_of_a_model_is_refused_and_what_it_points_to_untouched(
    models: ModelFolder, tmp_path: Path, there: bool
) -> None:
    elsewhere = made(tmp_path / "elsewhere", b"precious") if there else tmp_path / "nothing"
    models.home.mkdir(parents=True)
    (models.home / "tiny").symlink_to(elsewhere)
    with pytest.raises(UsageError, match="tiny is a symbolic link: delete the link, then add the model again"):
        models.add(made(tmp_path / "first"))
    assert (models.home / "tiny").is_symlink()
    assert left_in(models) == ["tiny"]
    assert not there or (elsewhere / "model.onnx").read_bytes() == b"precious"


def test_a_file_in_the_place_of_a_model_is_refused_and_stays(models: ModelFolder, tmp_path: Path) -> None:
    models.home.mkdir(parents=True)
    (models.home / "tiny").write_text("my diary")
    with pytest.raises(UsageError, match="tiny is a file: move it to another place"):
        models.add(made(tmp_path / "first"))
    assert (models.home / "tiny").read_text() == "my diary"


def test_removing_a_linked_model_removes_the_link_alone(models: ModelFolder, tmp_path: Path) -> None:
    elsewhere = made(tmp_path / "elsewhere")
    models.home.mkdir(parents=True)
    (models.home / "tiny").symlink_to(elsewhere)
    models.remove("tiny")
    assert left_in(models) == []
    assert (elsewhere / "model.onnx").read_bytes() == WEIGHTS


def test_a_disk_that_refuses_to_sync_is_not_told_as_added(
    models: ModelFolder, installed: InstalledModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_handle: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(ModelError, match="Input/output error"):
        models.add(made(tmp_path / "second", b"better weights"))
    assert models.get("tiny").path.read_bytes() == WEIGHTS
