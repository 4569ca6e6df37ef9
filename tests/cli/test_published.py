"""A network that nobody measured answers by its publisher's recommendation, and every line with a threshold says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from running import Ran, ran

from identity.core.model import Recommendation
from identity.zoo.catalogue import REID_0095, SFACE
from identity.zoo.manifest import dump

PEOPLE = 4
REMARK = "published recommendation, no stated error rate"
STATED = "OpenCV: cosine similarity 0.363, best accuracy on LFW"
DataSet = Callable[[str], Path]


@pytest.fixture(scope="module")
def run(
    dataset: DataSet, new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Ran]:
    """A home with a family, whose network has what the catalogue has of SFace: a recommendation and no points."""
    place = tmp_path_factory.mktemp("published")
    run = partial(ran, "--home", new_home(place / "home"))
    recommended = SFACE.manifest.recommended
    manifest = replace(REID_0095.manifest, name="unmeasured", operating_points=(), recommended=recommended)
    (place / "page.json").write_text(dump(manifest))
    file = dataset("weights/face-reid-0095") / "face-reidentification-retail-0095.onnx"
    assert run("models", "add", dataset("weights/yunet") / "yunet_n_dynamic.onnx").code == 0
    assert run("models", "add", file, "--manifest", place / "page.json").code == 0
    assert run("gallery", "create", "family", "--model", "unmeasured").code == 0
    for person in range(1, PEOPLE + 1):
        photograph = dataset("faces/orl") / f"s{person}" / "1.pgm"
        assert run("enroll", "-g", "family", photograph, "--as", f"s{person}").code == 0
    return run


def test_the_catalogue_has_one_of_sface_and_models_show_says_what_it_is(run: Callable[..., Ran]) -> None:
    assert SFACE.manifest.recommended == Recommendation(0.637, STATED)
    shown = run("models", "show", "unmeasured", "--json").document
    assert (shown["operating_points"], shown["recommended"]) == ([], {"distance": 0.637, "stated": STATED})
    assert "best accuracy on LFW" in run("models", "show", "unmeasured").out


def test_a_family_gets_answers_that_say_what_the_threshold_is(run: Callable[..., Ran], dataset: DataSet) -> None:
    orl = dataset("faces/orl")
    asked = run("query", "-g", "family", orl / "s3" / "5.pgm").out
    assert asked.startswith("s3  known  distance ")
    assert f"<= 0.637 ({REMARK})" in asked
    region = run("query", "-g", "family", orl / "s3" / "5.pgm", "--json").document["probes"][0]["regions"][0]
    assert (region["identity"], region["threshold_remark"]) == ("s3", REMARK)
    pair = orl / "s3" / "4.pgm", orl / "s3" / "6.pgm"
    assert f"<= 0.637: {REMARK} ({STATED})" in run("verify", "-g", "family", *pair).out
    verified = run("verify", "-g", "family", *pair, "--json").document
    assert (verified["fmr"], verified["reference"]["basis"], verified["reference"]["stated"]) == (
        None, "published", STATED
    )  # fmt: skip
    assert "<= 0.700: chosen by you" in run("verify", "-g", "family", *pair, "--threshold", "0.7").out
    assert "(chosen by you)" in run("query", "-g", "family", orl / "s3" / "5.pgm", "--threshold", "0.7").out


def test_every_command_that_tells_of_thresholds_says_so(
    run: Callable[..., Ran], dataset: DataSet, tmp_path: Path
) -> None:
    assert REMARK in run("gallery", "show", "family").out
    assert run("gallery", "show", "family", "--json").document["calibration"]["remark"] == REMARK
    assert REMARK in run("status").out
    assert run("calibrate", "-g", "family", "--json").document["rule"] == "published"
    assert run("calibrate", "-g", "family").out.count(REMARK) == 5  # three points, and two sentences
    for person in ("s1", "s2"):
        (tmp_path / person).mkdir()
        for shot in ("2.pgm", "3.pgm"):
            (tmp_path / person / shot).write_bytes((dataset("faces/orl") / person / shot).read_bytes())
    judged = run("evaluate", "-g", "family", "--known", tmp_path)
    assert REMARK in judged.out
    shown = run("gallery", "show", "family", "--json").document
    assert shown["calibration"]["people"]["search"]["target"] is None
