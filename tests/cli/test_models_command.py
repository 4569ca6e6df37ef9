"""Claims about `identity models`: what people type, what they read, and one line where it cannot be done."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from running import Ran, ran

from identity.bootstrap import SHIPPED
from identity.zoo.catalogue import MEASURED_BY, MEASURED_ON


@pytest.fixture(scope="module")
def database(new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> str:
    """One for all tests here, with the shipped gallery. Models are each test's own."""
    return f"sqlite:///{new_home(tmp_path_factory.mktemp('shared') / 'home') / 'identity.db'}"


@pytest.fixture
def run(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ran]:
    for name in ("IDENTITY_MODELS_MIRROR", "IDENTITY_OFFLINE"):
        monkeypatch.delenv(name, raising=False)

    return partial(ran, "--home", tmp_path / "home", "--database", database)


def facts(**changes: object) -> dict[str, object]:
    shipped = json.loads((SHIPPED / "models" / "digits" / "manifest.json").read_text())
    return shipped | {"name": "mine", "training": None} | changes


def test_list_shows_what_is_installed_and_how_to_get_the_rest(run: Callable[..., Ran]) -> None:
    lines = run("models", "list").out.splitlines()

    assert lines[1].split() == ["digits", "digits", "128", "Apache-2.0", "shipped"]
    assert any("models pull w600k-mbf --accept-licence" in line and "non-commercial" in line for line in lines)
    assert any(line.startswith("face-reid-0095") and "models pull face-reid-0095" in line for line in lines)
    document = json.loads(run("models", "list", "--json").out)
    assert document["schema"] == "identity.models/1"
    assert [one["name"] for one in document["models"]] == ["digits"]
    assert {one["name"]: one["restricted"] for one in document["catalogue"]} == {
        "yunet": False, "face-reid-0095": False, "sface": False, "w600k-mbf": True, "w600k-r50": True, "vgg-face": True
    }  # fmt: skip


def test_help_of_add_and_pull_says_where_to_read_on(run: Callable[..., Ran]) -> None:
    assert "docs/models.md" in run("models", "add", "--help").out
    assert "IDENTITY_MODELS_MIRROR" in run("models", "pull", "--help").out


def test_example_manifest_of_the_docs_needs_only_its_digest(run: Callable[..., Ran]) -> None:
    from identity.zoo.manifest import parse

    text = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
    example = json.loads(text.partition("```json\n")[2].partition("```")[0])

    assert parse(json.dumps(example | {"sha256": "0" * 64})).dim == 512


def test_both_shared_files_are_added_pulled_shown_verified_and_removed(
    run: Callable[..., Ran], dataset: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    added = run("models", "add", dataset("weights/yunet") / "yunet_n_dynamic.onnx")
    assert (added.code, added.out) == (0, "model 'yunet' added: detector\n")
    reid = dataset("weights/face-reid-0095") / "face-reidentification-retail-0095.onnx"
    assert run("models", "add", reid).out == "model 'face-reid-0095' added: face, 256 dimensions\n"
    assert run("models", "remove", "yunet").code == 0

    monkeypatch.setenv("IDENTITY_MODELS_MIRROR", str(dataset("weights")))
    pulled = run("models", "pull", "yunet", "--offline")
    assert (pulled.code, pulled.err) == (0, "")
    assert "model 'yunet' installed: detector, licence Apache-2.0" in pulled.out
    assert "104ee26c" in run("models", "verify", "yunet").out
    shown = json.loads(run("models", "show", "face-reid-0095", "--json").out)
    measured = {"fmr": 0.001, "distance": 0.652, "measured_by": MEASURED_BY, "measured_on": MEASURED_ON}
    assert (shown["dim"], shown["operating_points"][1]) == (256, measured | {"interval": None})
    made = run("gallery", "create", "people", "--model", "face-reid-0095", "--detector", "yunet")
    assert "detector yunet, 256 dimensions" in made.out


def test_the_face_network_is_pulled_as_openvino_publishes_it(
    run: Callable[..., Ran], dataset: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ending in ("xml", "bin"):
        name = f"face-reidentification-retail-0095.{ending}"
        (tmp_path / name).symlink_to(dataset("weights/face-reid-0095") / name)
    monkeypatch.setenv("IDENTITY_MODELS_MIRROR", str(tmp_path))

    pulled = run("models", "pull", "face-reid-0095", "--offline")

    assert (pulled.code, pulled.err) == (0, "")
    assert pulled.out == "model 'face-reid-0095' installed: face, 256 dimensions, licence Apache-2.0\n"
    assert "73554067" in run("models", "verify", "face-reid-0095").out


def test_a_query_on_a_network_that_lies_about_its_dimension_is_one_line(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    from PIL import Image, ImageDraw

    page = tmp_path / "lying.json"
    page.write_text(json.dumps(facts(dim=65)))
    picture = Image.new("L", (60, 60), 255)
    ImageDraw.Draw(picture).line([(30, 10), (28, 50)], fill=0, width=6)
    picture.save(tmp_path / "one.png")
    file = SHIPPED / "models" / "digits" / "model.onnx"
    assert run("models", "add", file, "--manifest", page).code == 0
    assert run("gallery", "create", "lying", "--model", "mine").code == 0

    ran = run("enroll", "-g", "lying", tmp_path / "one.png")

    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "returns vectors of 128 numbers, but its manifest says 65" in ran.err
    assert run("gallery", "show", "lying", "--json").out.count('"samples": 0') == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sha256": "0" * 64}, "give the manifest that belongs to this file"),
        ({"bytes": 3}, "instead of 3"),
        ({"name": "../up"}, "'name' must be"),
        ({"file": "/etc/passwd"}, "'file' must be"),
        ({"dim": None}, "'dim' must be"),
        ({"input": None}, "'input' must be"),
        ({"alignment": "eyes/1"}, "'alignment' must be one of"),
    ],
)
def test_wrong_manifest_is_one_line_and_installs_nothing(
    run: Callable[..., Ran], tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    page = tmp_path / "wrong.json"
    page.write_text(json.dumps(facts(**changes)))

    ran = run("models", "add", SHIPPED / "models" / "digits" / "model.onnx", "--manifest", page)

    assert (ran.code, ran.err.count("\n"), ran.out) == (1, 1, "")
    assert said in ran.err
    assert [one["name"] for one in json.loads(run("models", "list", "--json").out)["models"]] == ["digits"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["pull", "face-net"], 1, "the catalogue has no model 'face-net'"),
        (["pull", "../up"], 1, "the catalogue has no model"),
        (["pull", "w600k-mbf"], 2, "--accept-licence"),
        (["pull", "sface", "--offline"], 2, "face_recognition_sface_2021dec.onnx cannot be downloaded: put it into a"),
        (["pull", "face-reid-0095", "--offline"], 2, "face-reidentification-retail-0095.xml cannot be downloaded"),
        (["add", "nowhere.onnx"], 1, "no model file nowhere.onnx"),
        (["add", "{text}"], 2, "--manifest FILE.json"),
        (["add", "{text}", "--manifest", "nowhere.json"], 1, "cannot read the manifest nowhere.json"),
        (["add", "{model}", "--manifest", "{page}", "--name", "../up"], 2, "cannot name a model"),
        (["show", "../digits"], 1, "there is no model '../digits'"),
        (["verify", "missing"], 1, "not installed"),
        (["remove", "../../home"], 1, "there is no model"),
    ],
)
def test_an_error_is_one_line_with_cause_and_cure(
    run: Callable[..., Ran], tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    (tmp_path / "text.onnx").write_text("no network")
    (tmp_path / "page.json").write_text(json.dumps(facts()))
    model = SHIPPED / "models" / "digits" / "model.onnx"
    places = {"text": tmp_path / "text.onnx", "page": tmp_path / "page.json", "model": model}

    ran = run("models", *[argument.format(**places) for argument in arguments])

    assert (ran.code, ran.err.count("\n"), ran.out) == (code, 1, "")
    assert said in ran.err
