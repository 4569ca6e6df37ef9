"""Claims about `identity setup` and `identity config`: ready in one command, nothing twice, one gallery meant."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from running import Ran, ran
from scans import rows_of, scan

import identity
from identity.documents.schemas import SCHEMAS

Run = Callable[..., Ran]
PARTS = [f"face-reidentification-retail-0095.{ending}" for ending in ("xml", "bin")]


@pytest.fixture(scope="module")
def one_home(new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_home(tmp_path_factory.mktemp("setup") / "home")


@pytest.fixture
def home(one_home: Path) -> Iterator[Path]:
    """As new for each test: without models, galleries of people, or a choice."""
    yield one_home
    (one_home / "config.json").unlink(missing_ok=True)
    shutil.rmtree(one_home / "models", ignore_errors=True)
    with identity.open_home(home=one_home) as opened:
        for gallery, _ in opened.galleries():
            if gallery.name != "digits":
                opened.delete_gallery(gallery.name)


@pytest.fixture
def mirror(dataset: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The published files, in a folder that stands for the network."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    for name in PARTS:
        (folder / name).symlink_to(dataset("weights/face-reid-0095") / name)
    (folder / "yunet_n_dynamic.onnx").symlink_to(dataset("weights/yunet") / "yunet_n_dynamic.onnx")
    monkeypatch.setenv("IDENTITY_MODELS_MIRROR", str(folder))
    return folder


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("IDENTITY_MODELS_MIRROR", "IDENTITY_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    return partial(ran, "--home", home)


@pytest.fixture
def seven(tmp_path: Path) -> Path:
    return scan(tmp_path / "seven.png", rows_of(7, 1)[0])


def test_one_command_makes_a_home_ready_for_faces_and_says_what_is_next(run: Run, mirror: Path) -> None:
    first = run("setup", "faces")

    assert (first.code, first.err) == (0, "")
    assert "model 'face-reid-0095' installed: licence Apache-2.0" in first.out
    assert "identity enroll -g people PHOTOGRAPHS" in first.out
    assert run("gallery", "show", "people", "--json").document["model"] == "face-reid-0095"


def test_a_second_time_nothing_is_fetched_and_nothing_changes(run: Run, mirror: Path) -> None:
    first = run("setup", "faces", "--gallery", "family", "--json").document
    for file in mirror.iterdir():
        file.unlink()
    second = run("setup", "faces", "--gallery", "family", "--json").document

    TypeAdapter(SCHEMAS["setup"]).validate_python({key: first[key] for key in first if key != "schema"})
    assert [first["created"], *[one["fetched"] for one in first["models"]]] == [True, True, True]
    assert [second["created"], *[one["fetched"] for one in second["models"]]] == [False, False, False]
    assert second["next"] == first["next"]


def test_what_an_interrupted_setup_fetched_is_not_fetched_again(run: Run, mirror: Path) -> None:
    parts = [(mirror / name).rename(mirror.parent / name) for name in PARTS]
    broken = run("setup", "faces")
    assert (broken.code, broken.err.count("\n")) == (1, 1)
    assert run("gallery", "list").out.count("people") == 0

    for part in parts:
        part.rename(mirror / part.name)
    (mirror / "yunet_n_dynamic.onnx").unlink()
    assert run("setup", "faces").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--gallery", "digits"], "gallery 'digits' is there, with model 'digits'"),
        (["--model", "w600k-mbf"], "--accept-licence"),
        (["--model", "nothing"], "the catalogue has no model 'nothing'"),
        (["--model", "digits"], "model 'digits' is no face network"),
    ],
)
def test_what_cannot_be_set_up_is_one_line(run: Run, mirror: Path, arguments: list[str], said: str) -> None:
    refused = run("setup", "faces", *arguments)
    assert (refused.code > 0, refused.err.count("\n"), refused.out) == (True, 1, "")
    assert said in refused.err
    assert run("gallery", "list").out.count("people") == 0


def test_the_chosen_gallery_is_meant_wherever_none_is_named(run: Run, home: Path, seven: Path) -> None:
    assert run("config", "default-gallery").out == "default gallery: digits\n"
    run("gallery", "create", "mine")
    assert run("config", "default-gallery", "mine").out == "default gallery: mine\n"

    assert run("enroll", seven).out.startswith("1 samples enrolled into 'mine'")
    assert len(run("samples", "list", "--json").document["samples"]) == 1
    assert run("status", "--json").document["default_gallery"] == "mine"
    assert "default gallery: mine" in run("status").out
    assert (home / "config.json").stat().st_mode & 0o777 == 0o600
    with identity.open_gallery(home=home) as opened:
        assert opened.name == "mine"

    assert run("config", "default-gallery", "--unset", "--json").document["default_gallery"] == "digits"
    assert run("query", seven).out.startswith("7")


def test_a_default_gallery_that_is_deleted_is_no_default_any_more(run: Run) -> None:
    run("gallery", "create", "mine")
    run("config", "default-gallery", "mine")
    run("gallery", "delete", "mine", "--yes")
    assert run("config", "default-gallery").out == "default gallery: digits\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [("{", "cannot be read"), ("[]", "cannot be read"), (json.dumps({"default_gallery": 7}), "must be a name")],
)
def test_a_damaged_choice_is_one_line_with_its_cure(run: Run, home: Path, content: str, said: str) -> None:
    (home / "config.json").write_text(content)
    for line in (["samples", "list"], ["config", "default-gallery"]):
        refused = run(*line)
        assert (refused.code, refused.err.count("\n")) == (2, 1)
        assert said in refused.err
        assert "delete" in refused.err
    assert run("samples", "list", "-g", "digits").code == 0


def test_a_gallery_that_is_not_there_cannot_be_chosen(run: Run) -> None:
    refused = run("config", "default-gallery", "nowhere")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert run("config", "default-gallery", "digits", "--unset").code == 2
