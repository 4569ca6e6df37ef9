"""Claims about the folder of installed models: whole or not at all, and never a file that is not what it says."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from identity.core.errors import ModelError, NotFoundError, UsageError
from identity.core.model import OperatingPoint
from identity.zoo.catalogue import ENTRIES, REID_0095_POINTS
from identity.zoo.folder import ModelFolder
from identity.zoo.manifest import InputSpec, ModelManifest, dump

WEIGHTS = b"weights of a network"


def _manifest(*, name: str = "tiny", content: bytes = WEIGHTS) -> ModelManifest:
    spec = InputSpec("NCHW", 8, "rgb", (0.0, 0.0, 0.0), 1.0)
    digest = hashlib.sha256(content).hexdigest()
    return ModelManifest(name, "face", "model.onnx", digest, len(content), 4, spec, "whole/1")


def _trained(folder: Path, *, name: str = "tiny", content: bytes = WEIGHTS) -> Path:
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(content)
    (folder / "manifest.json").write_text(dump(_manifest(name=name, content=content)))
    return folder


@pytest.fixture
def models(tmp_path: Path) -> ModelFolder:
    (tmp_path / "shipped").mkdir()
    return ModelFolder(tmp_path / "home" / "models", tmp_path / "shipped")


def test_added_model_is_found_listed_and_verified(models: ModelFolder, tmp_path: Path) -> None:
    models.add(_trained(tmp_path / "made"))

    found = models.get("tiny")

    assert found.path.read_bytes() == WEIGHTS
    assert (found.manifest, found.shipped) == (_manifest(), False)
    assert [one.manifest.name for one in models.list()] == ["tiny"]
    assert models.get("tiny") == found


def test_model_can_be_added_under_another_name(models: ModelFolder, tmp_path: Path) -> None:
    models.add(_trained(tmp_path / "made"), name="mine")

    assert models.get("mine").manifest == _manifest(name="mine")
    with pytest.raises(NotFoundError):
        models.get("tiny")


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "UPPER"])
def test_name_that_is_no_folder_name_is_refused(models: ModelFolder, tmp_path: Path, name: str) -> None:
    made = _trained(tmp_path / "made")
    if name:
        with pytest.raises(UsageError, match="cannot name a model"):
            models.add(made, name=name)
    with pytest.raises(NotFoundError):
        models.get(name)
    with pytest.raises(NotFoundError):
        models.remove(name)


def test_file_needs_a_manifest_unless_the_catalogue_knows_it(models: ModelFolder, tmp_path: Path) -> None:
    made = _trained(tmp_path / "made")

    with pytest.raises(UsageError, match="--manifest"):
        models.add(made / "model.onnx")

    assert models.add(made / "model.onnx", manifest=made / "manifest.json").manifest == _manifest()


def test_home_comes_before_what_ships(models: ModelFolder, tmp_path: Path) -> None:
    _trained(models.shipped / "tiny", content=b"shipped")
    assert models.get("tiny").shipped

    models.add(_trained(tmp_path / "made"))
    assert models.get("tiny").path.read_bytes() == WEIGHTS
    assert len(models.list()) == 1

    models.remove("tiny")
    assert models.get("tiny").path.read_bytes() == b"shipped"


def test_shipped_model_cannot_be_removed(models: ModelFolder) -> None:
    _trained(models.shipped / "tiny")

    with pytest.raises(UsageError, match="ships with the program"):
        models.remove("tiny")

    assert models.get("tiny")


@pytest.mark.parametrize("content", [b"weights of a netw0rk", b"short", None])
def test_changed_model_is_never_handed_out(models: ModelFolder, tmp_path: Path, content: bytes | None) -> None:
    path = models.add(_trained(tmp_path / "made")).path
    path.unlink() if content is None else path.write_bytes(content)

    for use in (models.get,):
        with pytest.raises(ModelError, match="identity models remove tiny"):
            use("tiny")

    models.remove("tiny")
    assert models.list() == []


def test_file_that_does_not_fit_its_manifest_leaves_nothing_and_keeps_what_was_there(
    models: ModelFolder, tmp_path: Path
) -> None:
    models.add(_trained(tmp_path / "made"))
    broken = _trained(tmp_path / "broken")
    (broken / "model.onnx").write_bytes(WEIGHTS[:-1])

    with pytest.raises(ModelError, match="give the manifest that belongs to this file"):
        models.add(broken)

    assert [entry.name for entry in models.home.iterdir()] == ["tiny"]
    assert models.get("tiny").manifest == _manifest()


def test_adding_again_replaces_the_model_whole(models: ModelFolder, tmp_path: Path) -> None:
    models.add(_trained(tmp_path / "made"))
    models.add(_trained(tmp_path / "again", content=b"better weights"))

    assert models.get("tiny").path.read_bytes() == b"better weights"
    assert [entry.name for entry in models.home.iterdir()] == ["tiny"]


def test_missing_model_names_its_cure(models: ModelFolder) -> None:
    with pytest.raises(NotFoundError, match=r"identity models pull sface.*identity models list"):
        models.get("sface")


def test_missing_file_is_named(models: ModelFolder, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no\.onnx"):
        models.add(tmp_path / "no.onnx")


def test_manifest_that_names_another_folder_is_refused(models: ModelFolder, tmp_path: Path) -> None:
    models.add(_trained(tmp_path / "made"))
    shutil.copytree(models.home / "tiny", models.home / "copy")

    with pytest.raises(ModelError, match="the folder is called 'copy'"):
        models.get("copy")


def test_home_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    models = ModelFolder(tmp_path / "file" / "models", tmp_path / "shipped")

    with pytest.raises(ModelError, match="cannot write models in") as caught:
        models.install(_trained(tmp_path / "made") / "model.onnx", replace(_manifest(), name="x"))

    assert "\n" not in str(caught.value)


def test_a_manifest_of_an_older_version_learns_who_measured_its_operating_points(models: ModelFolder) -> None:
    points = tuple(OperatingPoint(point.fmr, point.distance) for point in REID_0095_POINTS)
    known = next(entry.manifest for entry in ENTRIES if entry.manifest.operating_points)
    folder = models.home / known.name
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(dump(replace(known, bytes=1, operating_points=points)))
    read = models.facts(known.name)
    assert read is not None
    assert read.operating_points == REID_0095_POINTS
    assert {point.measured_by for point in read.operating_points} == {"the identity project"}
