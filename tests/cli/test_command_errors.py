"""What cannot be done is one line on stderr with cause and cure, and an exit code."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from running import Ran, main_in
from scans import rows_of, scan


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["query", "nowhere.png"], 1, "no file or folder 'nowhere.png'"),
        (["query", "-g", "nobody", "{scan}"], 1, "identity gallery list"),
        (["query", "{empty}"], 1, "holds no image"),
        (["gallery", "create", "x", "--model", "missing"], 1, "identity models"),
        (["gallery", "create", "x", "--detector", "eyes"], 1, "choose 'whole' or 'yunet'"),
        (["gallery", "create", "digits"], 2, "already"),
        (["enroll", "{scan}", "--calibration-fraction", "3"], 2, "fraction"),
        (["calibrate", "--alpha", "7"], 2, "alpha"),
        (["calibrate", "--alpha", "0.0001"], 2, "too few"),
        (["samples", "show", "999999999"], 1, "samples list"),
        (["models", "show", "missing"], 1, "missing"),
        (["models", "remove", "digits"], 2, "ships with the program"),
        (["plot", "loss", "--model", "missing", "-o", "x.png"], 1, "missing"),
        (["train", "digits", "--data", "{empty}"], 2, "train-images-idx3-ubyte"),
    ],
)
def test_an_error_is_one_line_with_cause_and_cure(
    run: Callable[..., Ran], tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    (tmp_path / "empty").mkdir()
    places = {"scan": scan(tmp_path / "scan.png", 0), "empty": tmp_path / "empty"}
    ran = run(*[argument.format(**places) for argument in arguments])
    assert ran.code == code
    assert said in ran.err
    assert ran.err.startswith("identity: ")
    assert ran.err.count("\n") == 1
    assert ran.out == ""


def test_a_model_whose_digest_does_not_match_is_refused(
    new_home: Callable[[Path], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from identity.bootstrap import SHIPPED

    own = new_home(tmp_path / "h") / "models" / "digits"
    own.mkdir(parents=True)
    for name in ("model.onnx", "manifest.json"):
        (own / name).write_bytes((SHIPPED / "models" / "digits" / name).read_bytes())
    sha256 = json.loads((own / "manifest.json").read_text())["sha256"]
    with (own / "model.onnx").open("r+b") as file:
        file.seek(1000)
        file.write(b"changed")
    assert main_in(tmp_path / "h", "query", str(scan(tmp_path / "s.png", 0))) == 1
    said = capsys.readouterr().err
    cause = rf"{re.escape(str(own / 'model.onnx'))} has sha256 [0-9a-f]{{12}}\.\.\. instead of {sha256[:12]}\.\.\."
    assert re.fullmatch(f"identity: {cause}: run 'identity models remove digits' and add it again\n", said)
    assert main_in(tmp_path / "h", "models", "remove", "digits") == 0  # the cure: what ships is used again
    assert main_in(tmp_path / "h", "query", str(tmp_path / "s.png")) == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_home_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "h").mkdir(mode=0o500)
    assert main_in(tmp_path / "h", "status") == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_an_evaluation_names_the_images_it_could_not_read_and_counts_the_others(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    for digit in (0, 1):
        scan(tmp_path / "k" / str(digit) / "a.png", rows_of(digit, 1)[0])
    (tmp_path / "k" / "1" / "broken.png").write_bytes(b"no image")
    ran = run("evaluate", "--known", tmp_path / "k", "--json")
    assert ran.code == 6
    assert ran.err.count("\n") == 1
    assert ran.err.count("broken.png") == 1
    assert ran.document["known"]["n"] == 2
    assert [failed["source"] for failed in ran.document["failed"]] == [str(tmp_path / "k" / "1" / "broken.png")]


def test_a_place_that_cannot_be_written_is_one_line(run: Callable[..., Ran], tmp_path: Path, scans: Path) -> None:
    ran = run("evaluate", "--known", tmp_path, "--per-sample", tmp_path / "nowhere" / "rows.csv")
    assert (ran.code, ran.err.count("\n"), "nowhere" in ran.err) == (1, 1, True)
    run("gallery", "create", "pictures")
    run("enroll", scans / "1", "-g", "pictures")
    first = run("samples", "list", "-g", "pictures", "--json").document["samples"][0]["id"]
    ran = run("samples", "show", first, "-g", "pictures", "--crop", tmp_path / "nowhere" / "c.png")
    assert (ran.code, ran.err.count("\n"), "nowhere" in ran.err) == (1, 1, True)


def test_more_neighbours_than_any_identity_has_samples_are_refused(run: Callable[..., Ran], scans: Path) -> None:
    run("gallery", "create", "small")
    run("enroll", scans, "-g", "small", "--calibration-fraction", 0.5)
    ran = run("calibrate", "-g", "small", "--alpha", 0.1, "-k", 500)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "give a smaller --k" in ran.err
