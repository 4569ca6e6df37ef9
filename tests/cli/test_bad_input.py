"""Claims about what goes wrong around a gallery: one line with cause and cure, the exit code, nothing half-written."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from running import Ran, ran

from identity.bootstrap import SHIPPED


@pytest.fixture(scope="module")
def home(new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_home(tmp_path_factory.mktemp("bad-input") / "home")


@pytest.fixture
def run(home: Path) -> Callable[..., Ran]:
    def _run(*arguments: object, home: Path = home) -> Ran:
        return ran("--home", home, *arguments)

    return _run


@pytest.fixture
def stroke(tmp_path: Path) -> Path:
    picture = Image.new("L", (60, 60), 255)
    ImageDraw.Draw(picture).line([(30, 10), (28, 50)], fill=0, width=6)
    picture.save(tmp_path / "stroke.png")
    return tmp_path / "stroke.png"


def assert_one_line(ran: Ran, code: int, *said: str) -> None:
    assert (ran.code, ran.err.count("\n"), ran.out) == (code, 1, "")
    assert ran.err.startswith("identity: ")
    for part in said:
        assert part in ran.err


def test_gallery_that_was_never_calibrated_says_how(run: Callable[..., Ran], stroke: Path) -> None:
    run("gallery", "create", "raw")
    run("enroll", "-g", "raw", stroke, "--as", "one")

    ran = run("query", "-g", "raw", stroke)
    assert_one_line(ran, 1, "no calibration for gallery 'raw'", "identity calibrate -g raw")


def test_home_that_is_a_file_is_named(run: Callable[..., Ran], stroke: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    for inside in ("file", "file/home"):
        ran = run("query", stroke, home=tmp_path / inside)
        assert_one_line(ran, 1, str(tmp_path / "file"))
    assert (tmp_path / "file").read_text() == "in the way"


def test_gallery_of_a_model_that_is_gone_names_it(run: Callable[..., Ran], home: Path, stroke: Path) -> None:
    _own_model(run, home)
    run("gallery", "create", "orphan", "--model", "own")
    run("models", "remove", "own")

    assert_one_line(run("enroll", "-g", "orphan", stroke), 1, "model 'own' is not installed")


def test_gallery_never_mixes_vectors_of_another_space(run: Callable[..., Ran], home: Path, stroke: Path) -> None:
    _own_model(run, home)
    run("gallery", "create", "spaced", "--model", "own")
    assert run("enroll", "-g", "spaced", stroke, "--as", "one").code == 0
    _own_model(run, home, scale=1 / 128)

    assert_one_line(run("enroll", "-g", "spaced", stroke), 5, "made by another version of model 'own'")
    samples = json.loads(run("samples", "list", "-g", "spaced", "--json").out)["samples"]
    assert len(samples) == 1


def test_damaged_network_is_refused_by_its_digest(run: Callable[..., Ran], home: Path, stroke: Path) -> None:
    _own_model(run, home)
    run("gallery", "create", "damaged", "--model", "own")
    with (home / "models" / "own" / "model.onnx").open("r+b") as file:
        file.seek(500)
        file.write(b"\0\0\0\0")

    assert_one_line(run("enroll", "-g", "damaged", stroke), 1, "sha256", "identity models remove own")
    assert_one_line(run("models", "verify", "own"), 1, "identity models remove own")


def test_writer_waits_for_the_lock_and_says_who_has_it(
    run: Callable[..., Ran], home: Path, stroke: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from identity.store.opening import open_store

    monkeypatch.setitem(open_store.__kwdefaults__, "timeout_s", 0.3)  # people wait for 10 s
    run("gallery", "create", "busy")
    held = sqlite3.connect(home / "identity.db", isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    try:
        ran = run("enroll", "-g", "busy", stroke)
    finally:
        held.rollback()
        held.close()

    assert_one_line(ran, 1, "being written by another program")
    assert run("enroll", "-g", "busy", stroke).code == 0


def test_broken_image_costs_only_itself(run: Callable[..., Ran], stroke: Path, tmp_path: Path) -> None:
    run("gallery", "create", "partly")
    folder = tmp_path / "mixed"
    folder.mkdir()
    shutil.copy(stroke, folder / "a.png")
    (folder / "b.png").write_bytes(stroke.read_bytes()[:60])
    Image.fromarray(np.zeros((40, 40), np.uint8)).save(folder / "c.png")

    ran = run("enroll", "-g", "partly", folder, "--json")

    report = json.loads(ran.out)
    assert (ran.code, report["images"], report["gallery_samples"], len(report["failed"])) == (6, 3, 1, 1)
    assert "b.png" in ran.err


def _own_model(run: Callable[..., Ran], home: Path, *, scale: float = 1 / 255) -> None:
    """The shipped network under a name of its own, with another scale where it is asked for."""
    facts = json.loads((SHIPPED / "models" / "digits" / "manifest.json").read_text())
    page = home.parent / "own.json"
    page.write_text(json.dumps(facts | {"name": "own", "input": facts["input"] | {"scale": scale}}))
    assert run("models", "add", SHIPPED / "models" / "digits" / "model.onnx", "--manifest", page).code == 0


def test_a_stranger_that_cannot_be_read_is_named_and_the_others_are_drawn(
    run: Callable[..., Ran], stroke: Path, tmp_path: Path
) -> None:
    (tmp_path / "strangers").mkdir()
    stroke.rename(tmp_path / "strangers" / "stroke.png")
    (tmp_path / "strangers" / "broken.png").write_bytes(b"no image")
    for kind in ("thresholds", "embedding"):
        drawn = tmp_path / f"{kind}.png"
        limited = ("--limit", 50) if kind == "embedding" else ()
        ran = run("plot", kind, "--unknown", tmp_path / "strangers", "-o", drawn, *limited)
        assert ran.code == 6
        assert ran.err.count("\n") == 1
        assert "broken.png" in ran.err
        assert drawn.stat().st_size > 10_000
