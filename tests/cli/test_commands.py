"""The program as people run it: the shipped gallery in an empty home, answers on stdout, complaints on stderr."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from running import Ran, main_in
from scans import rows_of, scan


def test_the_shipped_gallery_is_there_from_the_first_command(run: Callable[..., Ran]) -> None:
    ran = run("gallery", "list", "--json")
    assert ran.document["schema"] == "identity.gallery-list/1"
    (shipped,) = [one for one in ran.document["galleries"] if one["gallery"] == "digits"]
    assert (shipped["samples"], shipped["calibration_samples"], shipped["identities"]) == (54_000, 6_000, 10)
    shown = run("gallery", "show", "digits", "--json").document
    assert shown["calibration"]["alpha"] == 0.01
    assert shown["calibration"]["n"] == 6_000


def test_query_answers_in_one_line_a_person_understands(run: Callable[..., Ran], tmp_path: Path) -> None:
    image = scan(tmp_path / "0.png", rows_of(0, 1)[0])
    ran = run("query", image)
    assert ran.code == 0
    assert ran.out.startswith("0  known  distance 0.")
    assert "typicality" in ran.out
    assert "runner-up" in ran.out


def test_query_json_has_every_field_and_one_probe_per_image_in_order(run: Callable[..., Ran], tmp_path: Path) -> None:
    good, blank, broken = scan(tmp_path / "a.png", 0), tmp_path / "b.png", tmp_path / "c.png"
    Image.new("L", (50, 40), 255).save(blank)
    broken.write_bytes(good.read_bytes()[:100])
    ran = run("query", good, blank, broken, "--json", "-k", 3)
    assert ran.code == 6
    assert ran.err.count("\n") == 1
    assert "c.png" in ran.err
    document = ran.document
    assert document["schema"] == "identity.query/2"
    assert set(document) == {"schema", "gallery", "space", "calibration", "stale", "probes"}
    assert [probe["source"] for probe in document["probes"]] == [str(good), str(blank), str(broken)]
    first, second, third = document["probes"]
    region = first["regions"][0]
    assert {"box", "verdict", "identity", "distance", "threshold", "p_value", "runner_up", "margin", "matches"} <= set(
        region
    )
    assert (first["width"], first["height"], region["box"]) == (96, 96, [0, 0, 96, 96])
    assert len(region["matches"]) == 3
    assert (second["regions"][0]["verdict"], second["regions"][0]["identity"]) == ("unknown", None)
    assert third["regions"] == []
    assert third["error"]


def test_exit_code_three_means_unknown_and_only_when_asked(run: Callable[..., Ran], tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (28, 28), np.uint8)).save(tmp_path / "noise.png")
    assert run("query", tmp_path / "noise.png").code == 0
    ran = run("query", tmp_path / "noise.png", "--exit-code")
    assert ran.code == 3
    assert ran.out.startswith("unknown  nearest ")


def test_noise_blank_constant_and_stripes_are_never_accepted(run: Callable[..., Ran], tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = np.arange(28)
    for place in range(60):
        stripes = (np.sin(rows * (0.3 + place / 30)) > 0)[:, None] * np.full((1, 28), 255)
        for kind, made in {
            "noise": rng.integers(0, 256, (28, 28)),
            "constant": np.full((28, 28), place * 4),
            "rows": stripes,
            "columns": stripes.T,
        }.items():
            Image.fromarray(made.astype(np.uint8)).save(tmp_path / f"{kind}-{place}.png")
    probes = run("query", tmp_path, "--json").document["probes"]
    assert len(probes) == 240
    assert {region["verdict"] for probe in probes for region in probe["regions"]} == {"unknown"}


def test_from_folder_to_verdicts_in_three_commands(
    run: Callable[..., Ran], scans: Path, tmp_path: Path, home: Path
) -> None:
    assert run("gallery", "create", "own").code == 0
    enrolled = run("enroll", scans, "-g", "own", "--calibration-fraction", 0.5, "--json").document
    assert enrolled["gallery_samples"] + enrolled["calibration_samples"] == 400
    again = run("enroll", scans, "-g", "own", "--calibration-fraction", 0.5, "--json").document
    assert (again["duplicates"], again["gallery_samples"]) == (400, 0)
    calibrated = run("calibrate", "-g", "own", "--alpha", 0.1, "--json").document
    assert "refused with probability at most 0.1" in calibrated["promise"]
    rows_file = tmp_path / "p.csv"
    sources = ("--known", scans, "--unknown", scans / "3")
    judged = run("evaluate", "-g", "own", *sources, "--json", "--per-sample", rows_file).document
    assert judged["known"]["n"] == 400
    assert judged["known"]["accuracy_1nn"]["value"] > 0.9
    with rows_file.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 440
    named = "source row path true_label nearest_label identity score distance threshold p_value verdict"
    assert list(rows[0]) == named.split()
    known = [row for row in rows if row["source"] == str(scans)]
    assert sum(row["verdict"] == "ambiguous" for row in known) == judged["known"]["ambiguous"]["count"]
    assert {row["identity"] for row in known if row["verdict"] != "known"} == {""}
    assert run("status").code == 0
    assert run("gallery", "delete", "own", "--yes").code == 0
    assert "no gallery 'own'" in run("query", "-g", "own", scans).err


def test_samples_are_listed_shown_relabelled_and_forgotten(
    run: Callable[..., Ran], scans: Path, tmp_path: Path
) -> None:
    run("gallery", "create", "few")
    run("enroll", scans / "1", "-g", "few", "--as", "one")
    listed = run("samples", "list", "-g", "few", "--json", "--limit", 5).document["samples"]
    assert [sample["identity"] for sample in listed] == ["one"] * 5
    first = listed[0]["id"]
    run("samples", "relabel", first, "-g", "few", "--as", "uno")
    shown = run("samples", "show", first, "-g", "few", "--json", "--crop", tmp_path / "crop.png").document["samples"]
    assert shown[0]["identity"] == "uno"
    assert Image.open(tmp_path / "crop.png").size == (28, 28)
    assert run("samples", "remove", first, "-g", "few", "--yes").code == 0
    assert run("samples", "show", first, "-g", "few").code == 1
    assert run("samples", "remove", "--identity", "one", "-g", "few", "--yes").code == 0
    assert run("samples", "list", "-g", "few", "--json").document["samples"] == []


def test_a_deleted_shipped_gallery_stays_deleted(
    new_home: Callable[[Path], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new_home(tmp_path / "h")
    main_in(tmp_path / "h", "gallery", "delete", "digits", "--yes")
    capsys.readouterr()
    main_in(tmp_path / "h", "gallery", "list", "--json")
    assert json.loads(capsys.readouterr().out)["galleries"] == []


def test_the_python_interface_is_as_small(home: Path, tmp_path: Path) -> None:
    import identity

    with identity.open_gallery("digits", home=home) as gallery:
        (by_path,) = gallery.query([scan(tmp_path / "s.png", 0)])
        (by_array,) = gallery.query([np.asarray(Image.open(tmp_path / "s.png"))])
        (by_picture,) = gallery.query([Image.open(tmp_path / "s.png")])
    assert by_path.regions == by_array.regions == by_picture.regions
    assert by_path.regions[0].identity == "0"
