"""Photographs of people as people run it, on ORL: add, create, enroll, calibrate, query, verify, evaluate."""

from __future__ import annotations

import functools
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from running import Ran, ran

ROOT = Path(__file__).parents[2]
PEOPLE, SHOTS = 12, 2
DataSet = Callable[[str], Path]


@pytest.fixture(scope="module")
def orl(dataset: DataSet) -> Path:
    return dataset("faces/orl")


@pytest.fixture(scope="module")
def home(
    dataset: DataSet, orl: Path, new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A home with a gallery `people` of a few people of ORL, two photographs each, and one without a name."""
    home, album = new_home(tmp_path_factory.mktemp("people") / "home"), tmp_path_factory.mktemp("album")
    for person in range(1, PEOPLE + 1):
        for shot in range(1, SHOTS + 1):
            target = album / f"s{person}" / f"{shot}.png"
            target.parent.mkdir(exist_ok=True)
            Image.open(orl / f"s{person}" / f"{shot}.pgm").save(target)
    Image.open(orl / "s40" / "1.pgm").save(album / "nobody.png")
    face = dataset("weights/face-reid-0095") / "face-reidentification-retail-0095.onnx"
    for weights in (dataset("weights/yunet") / "yunet_n_dynamic.onnx", face):
        assert ran("--home", home, "models", "add", weights).code == 0
    pipeline = ("--model", "face-reid-0095", "--detector", "yunet")
    assert ran("--home", home, "gallery", "create", "people", *pipeline).code == 0
    enrolled = ran("--home", home, "enroll", "-g", "people", album, "--json").document
    assert (enrolled["gallery_samples"], enrolled["skipped"]) == (PEOPLE * SHOTS + 1, {})
    return home


@pytest.fixture
def run(home: Path) -> Callable[..., Ran]:
    return functools.partial(ran, "--home", home)


def test_photographs_directly_in_the_folder_have_no_name(run: Callable[..., Ran]) -> None:
    (nameless,) = [
        one for one in run("samples", "list", "-g", "people", "--json").document["samples"] if one["identity"] is None
    ]
    assert nameless["source"].endswith("nobody.png")


def test_few_photographs_calibrate_with_reference_points(run: Callable[..., Ran], orl: Path) -> None:
    made = run("calibrate", "-g", "people", "--json")
    assert made.code == 0
    assert made.document["rule"] == "reference"
    assert made.document["people"]["verify"]["reference"]["measured_by"] == "the identity project"
    assert "LFW with this network, not on your photographs" in run("calibrate", "-g", "people").out
    assert "no liveness check" in made.document["promise"]
    asked = run("query", "-g", "people", orl / "s3" / "5.pgm", "--json").document
    region = asked["probes"][0]["regions"][0]
    assert (region["verdict"], region["identity"], region["p_value"]) == ("known", "s3", None)


def test_verify_says_how_near_and_how_sure(run: Callable[..., Ran], orl: Path) -> None:
    same = run("verify", "-g", "people", orl / "s3" / "4.pgm", orl / "s3" / "6.pgm", "--json").document
    assert same["schema"] == "identity.verify/2"
    assert {"cosine_distance", "euclidean_distance", "threshold", "fmr", "verdict"} <= set(same)
    assert (same["verdict"], same["fmr"], same["threshold"]) == ("same", 0.001, 0.652)
    assert same["euclidean_distance"] == pytest.approx((2 * same["cosine_distance"]) ** 0.5)
    other = run("verify", "-g", "people", orl / "s3" / "4.pgm", orl / "s9" / "6.pgm")
    assert other.out.startswith("different  cosine distance ")


def test_query_draws_what_it_says(run: Callable[..., Ran], orl: Path, tmp_path: Path) -> None:
    photographs = (orl / "s3" / "5.pgm", orl / "s39" / "1.pgm")
    asked = run("query", "-g", "people", *photographs, "--draw", tmp_path / "out.jpg")
    assert "s3  known" in asked.out
    assert "unknown  nearest" in asked.out
    for name in ("out.jpg", "out-2.jpg"):
        drawn = np.asarray(Image.open(tmp_path / name).convert("RGB")).astype(int)
        assert (np.ptp(drawn, axis=2) > 80).sum() > 500  # a grey photograph with coloured boxes


def test_bad_photographs_are_one_line_each_and_the_rest_goes_on(
    run: Callable[..., Ran], orl: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "bad"
    folder.mkdir()
    pair = np.concatenate([np.asarray(Image.open(orl / s / "9.pgm").resize((184, 224))) for s in ("s20", "s21")], 1)
    Image.fromarray(pair).save(folder / "many.png")
    tiny = np.full((300, 300), 128, np.uint8)
    tiny[140:162, 140:158] = np.asarray(Image.open(orl / "s22" / "9.pgm").resize((18, 22)))
    Image.fromarray(tiny).save(folder / "tiny.png")
    Image.new("RGB", (200, 200), (90, 120, 90)).save(folder / "none.png")
    panorama = np.full((200, 9000), 128, np.uint8)
    panorama[40:152, 7000:7092] = np.asarray(Image.open(orl / "s23" / "9.pgm"))
    Image.fromarray(panorama).save(folder / "panorama.png")
    Image.fromarray(pair).convert("RGB").save(folder / "whole.jpg")
    (folder / "cut.jpg").write_bytes((folder / "whole.jpg").read_bytes()[:2000])
    (folder / "whole.jpg").unlink()
    (folder / "text.jpg").write_text("no image")
    done = run("enroll", "-g", "people", folder, "--faces", "require-one", "--as", "bad", "--json")
    assert done.code == 6
    assert {Path(one["source"]).name for one in done.document["failed"]} == {"cut.jpg", "text.jpg"}
    assert done.err.count("\n") == 2
    assert done.document["gallery_samples"] == 1
    assert "more than one face where one is required" in done.document["skipped"]
    shown = run("gallery", "show", "people").out
    assert "none.png: no face found" in shown
    run("samples", "remove", "--identity", "bad", "-g", "people", "--yes")


def test_no_face_is_exit_four_and_the_document_is_printed(run: Callable[..., Ran], orl: Path, tmp_path: Path) -> None:
    Image.new("RGB", (200, 200), (90, 120, 90)).save(tmp_path / "none.png")
    asked = run("query", "-g", "people", tmp_path / "none.png", "--json")
    assert (asked.code, asked.document["probes"][0]["regions"]) == (4, [])
    pair = run("verify", "-g", "people", tmp_path / "none.png", orl / "s1" / "1.pgm")
    assert (pair.code, pair.out, pair.err.count("\n")) == (4, "", 1)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["calibrate", "-g", "people", "--target-fmr", "0.9"], 2, "--target-fmr must be between 0 and 0.1, got 0.9"),
        (["query", "-g", "people", "{orl}/s1/1.pgm", "--draw", "x.txt"], 2, "cannot draw"),
        (["verify", "-g", "people", "{orl}/s1/1.pgm", "nowhere.jpg"], 1, "no file or folder"),
        (["verify", "-g", "digits", "{orl}/s1/1.pgm", "{orl}/s1/2.pgm"], 1, "no false match rate"),
        (["evaluate", "-g", "people", "--known", "{orl}", "--groups", "nowhere.csv"], 2, "cannot read nowhere.csv"),
    ],
)
def test_an_error_is_one_line(
    run: Callable[..., Ran], orl: Path, arguments: list[str], code: int, said: str
) -> None:
    done = run(*[argument.format(orl=orl) for argument in arguments])
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_evaluate_tells_pairs_and_searches_and_draws_them(run: Callable[..., Ran], orl: Path, tmp_path: Path) -> None:
    for person in range(1, 6):
        (tmp_path / "p" / f"s{person}").mkdir(parents=True)
        for shot in (6, 7):
            Image.open(orl / f"s{person}" / f"{shot}.pgm").save(tmp_path / "p" / f"s{person}" / f"{shot}.png")
    plot = tmp_path / "fmr.png"
    found = run("evaluate", "-g", "people", "--known", tmp_path / "p", "--plot", plot, "--json").document
    assert (found["verification"]["mated_pairs"], found["verification"]["other_pairs"]) == (5, 40)
    assert found["search"]["rank_1"] == 1.0
    assert Image.open(plot).width > 1000


def test_a_killed_index_run_embeds_nothing_again_that_it_said_was_done(
    new_home: Callable[[Path], Path], tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    (tmp_path / "in").mkdir()
    for number in range(1500):
        Image.fromarray(rng.integers(0, 256, (28, 28), np.uint8)).save(tmp_path / "in" / f"{number}.png")
    script = [sys.executable, str(ROOT / "scripts" / "index_folder.py"), str(tmp_path / "in"), "--gallery", "g"]
    environment = {"IDENTITY_HOME": str(new_home(tmp_path / "home")), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([*script, "--json-lines"], stdout=subprocess.PIPE, text=True, env=environment) as child:
        said = [child.stdout.readline()]
        child.send_signal(signal.SIGKILL)
        said += child.stdout.readlines()
    done = {json.loads(line)["source"] for line in said if line.endswith("\n")}
    assert 0 < len(done) < 1500
    again = subprocess.run([*script, "--json-lines"], capture_output=True, text=True, check=True, env=environment)
    outcome = {line["source"]: line["outcome"] for line in map(json.loads, again.stdout.splitlines())}
    assert len(outcome) == 1500
    assert {outcome[source] for source in done} == {"there before"}
    assert "enrolled" in outcome.values()
