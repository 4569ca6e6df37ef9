"""Blurred and tiny faces are enrolled with their quality, found no cluster, and are told with the reason."""

from __future__ import annotations

import csv
import functools
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from running import Ran, ran

ANY_FACE = ("--faces", "largest", "--min-face-px", "0", "--min-sharpness", "0")


@pytest.fixture(scope="module")
def run(
    dataset: Callable[[str], Path], new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Ran]:
    """A home with three sharp photographs of one person, and three of another, far away or out of focus."""
    first, second = sorted(dataset("faces/lfw/deepfunneled_10plus").iterdir())[:2]
    home, album = new_home(tmp_path_factory.mktemp("poor") / "home"), tmp_path_factory.mktemp("album")
    for number, file in enumerate(sorted(first.glob("*.jpg"))[:3]):
        Image.open(file).save(album / f"sharp{number}.png")
    for number, file in enumerate(sorted(second.glob("*.jpg"))[:3]):
        picture = Image.open(file).resize((60, 60)) if number < 2 else Image.open(file)
        (picture if number < 2 else picture.filter(ImageFilter.GaussianBlur(3))).save(album / f"poor{number}.png")
    reid = dataset("weights/face-reid-0095") / "face-reidentification-retail-0095.onnx"
    for weights in (dataset("weights/yunet") / "yunet_n_dynamic.onnx", reid):
        assert ran("--home", home, "models", "add", weights).code == 0
    pipeline = ("--model", "face-reid-0095", "--detector", "yunet")
    assert ran("--home", home, "gallery", "create", "people", *pipeline).code == 0
    assert ran("--home", home, "enroll", "-g", "people", album, "--labels", "none", *ANY_FACE).code == 0
    return functools.partial(ran, "--home", home)


def test_samples_are_listed_with_their_quality_and_the_reason_where_it_is_poor(run: Callable[..., Ran]) -> None:
    held = run("samples", "list", "-g", "people", "--json").document["samples"]
    poor = {Path(one["source"]).stem: one["quality"]["reason"] for one in held if one["quality"]["value"] < 0.5}
    assert {name: reason.partition(":")[0] for name, reason in poor.items()} == {
        "poor0": "small", "poor1": "small", "poor2": "blurred",
    }  # fmt: skip
    listed = run("samples", "list", "-g", "people").out
    assert "small: 11 pixels from eye to eye" in listed or "small: 10 pixels from eye to eye" in listed
    assert "sharp0.png  0." in listed or "sharp0.png  1.00" in listed


def test_cluster_says_how_many_faces_founded_nothing_and_why(run: Callable[..., Ran], tmp_path: Path) -> None:
    told = run("cluster", "-g", "people", "--dry-run", "--csv", tmp_path / "table.csv").out
    assert "3 of 6 samples are too poor to found a cluster: 2 small, 1 blurred (--min-quality 0.5; 0 lets all)" in told
    document = run("cluster", "-g", "people", "--dry-run", "--json").document
    assert (document["min_quality"], document["kept_out"]) == (0.5, {"small": 2, "blurred": 1})
    assert [{Path(one["source"]).stem for one in group["samples"]} for group in document["clusters"]] == [
        {"sharp0", "sharp1", "sharp2"}
    ]
    with (tmp_path / "table.csv").open(encoding="utf-8") as file:
        reasons = {Path(row["path"]).stem: (row["core"], row["reason"][:5]) for row in csv.DictReader(file)}
    assert reasons["poor0"] == ("False", "small")


def test_the_option_lets_every_face_found_a_cluster(run: Callable[..., Ran]) -> None:
    document = run("cluster", "-g", "people", "--dry-run", "--min-quality", "0", "--eps", "0.6", "--json").document
    assert (document["min_quality"], document["kept_out"], document["n_clusters"]) == (0, {}, 2)
    strict = run("cluster", "-g", "people", "--dry-run", "--min-quality", "0.5", "--eps", "0.6", "--json").document
    assert strict["n_clusters"] == 1
