"""`identity cluster` and `identity people` as people type them: real scans, the shipped network, one home."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from running import Ran, ran
from sklearn.datasets import load_digits

SCANS = load_digits()
DIGITS, EACH = (0, 1, 6), 20
G = ("-g", "scans")


Run = Callable[..., Ran]


def scan(path: Path, row: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    ink = Image.fromarray(np.round(SCANS.images[row] * (255 / 16)).astype(np.uint8)).resize((72, 72), 3)
    paper = Image.new("L", (96, 96))
    paper.paste(ink, (12, 12))
    paper.save(path)
    return path


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Scans without names in one folder, and the same with their digits as sub-folders: the truth."""
    flat, truth = tmp_path_factory.mktemp("flat"), tmp_path_factory.mktemp("truth")
    for digit in DIGITS:
        for row in np.flatnonzero(SCANS.target == digit)[:EACH].tolist():
            scan(flat / f"{row}.png", row)
            scan(truth / str(digit) / f"{row}.png", row)
    return flat, truth


@pytest.fixture(scope="module")
def home(new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_home(tmp_path_factory.mktemp("home") / "identity")


@pytest.fixture
def run(home: Path) -> Run:
    return partial(ran, "--home", home)


@pytest.fixture
def scans(run: Run, folders: tuple[Path, Path]) -> Run:
    """A fresh gallery of unnamed scans."""
    if "scans" in run("gallery", "list").out:
        run("gallery", "delete", "scans", "--yes")
    assert run("gallery", "create", "scans").code == 0
    assert run("enroll", folders[0], *G).code == 0
    return run


@pytest.fixture(scope="module")
def asked(home: Path, folders: tuple[Path, Path]) -> Run:
    """`identity cluster` on a gallery that nobody changes, once it is enrolled."""
    run = partial(ran, "--home", home)
    assert run("gallery", "create", "asked").code == 0
    assert run("enroll", folders[0], "-g", "asked").code == 0
    return partial(run, "cluster", "-g", "asked")


def test_three_digits_are_three_people_with_pictures_a_table_and_a_document(scans, tmp_path):
    ran = scans("cluster", *G, "--plot", tmp_path / "plots", "--csv", tmp_path / "rows.csv")
    assert ran.code == 0
    assert "first run: 60 samples, 3 clusters" in ran.out
    assert "3 people among 60 samples" in ran.out
    assert "dbscan, min_samples 5, eps 0." in ran.out
    names = {"contact-sheet-01.png", "map.png", "sizes.png", "k-distance.png"}
    assert {path.name for path in (tmp_path / "plots").iterdir()} == names
    assert all(Image.open(tmp_path / "plots" / name).size[0] > 500 for name in names)
    with (tmp_path / "rows.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 60
    again = scans("cluster", *G, "--json").document
    assert list(again) == [
        "schema", "run", "algo", "eps", "eps_reason", "min_samples", "n_samples", "n_clusters", "n_noise",
        "min_quality", "kept_out", "difference", "clusters", "suggestions",
    ]  # fmt: skip
    assert again["schema"] == "identity.cluster/1"
    assert sum(cluster["size"] for cluster in again["clusters"]) + again["n_noise"] == again["n_samples"] == 60
    first = again["clusters"][0]
    assert list(first) == ["id", "identity", "size", "samples"]
    assert first["samples"][0]["source"].endswith(".png")
    assert first["samples"][0]["box"] == [0, 0, 96, 96]


def test_a_dry_run_has_no_run_and_says_what_would_be(scans):
    ran = scans("cluster", *G, "--dry-run", "--json")
    assert ran.document["run"] is None
    assert "first run: 60 samples" in ran.err
    assert scans("cluster", "history", *G, "--json").document["runs"] == []


def test_a_named_cluster_answers_queries_and_can_be_renamed_split_and_confirmed(scans):
    document = scans("cluster", *G, "--json").document
    number = document["clusters"][0]["id"]
    samples = [sample["id"] for sample in document["clusters"][0]["samples"]]
    listed = scans("people", "list", *G)
    assert scans("people", "name", f"c{number}", "Null", *G).code == 0
    assert "Null" not in listed.out
    assert "Null" in scans("people", "list", *G).out
    assert scans("samples", "show", samples[0], *G, "--json").document["samples"][0]["identity"] == "Null"
    assert scans("people", "split", "Null", *samples[:2], *G).code == 0
    shown = scans("people", "show", "Null", *G, "--json").document
    assert not set(samples[:2]) & {sample["id"] for sample in shown["samples"]}
    assert scans("people", "reject", "Null", samples[2], *G).code == 0
    after = scans("cluster", "--full", *G, "--json").document
    null = next(cluster for cluster in after["clusters"] if cluster["identity"] == "Null")
    assert not set(samples[:3]) & {sample["id"] for sample in null["samples"]}
    assert scans("people", "merge", f"c{document['clusters'][1]['id']}", "Null", *G, "--json").code == 0


def test_undo_history_and_quality(scans, folders):
    scans("cluster", *G)
    judged = scans("cluster", "evaluate", *G, "--truth", folders[1], "--json").document
    assert judged["n_judged"] == 60
    assert judged["bcubed"]["f"] > 0.9
    blind = scans("cluster", "evaluate", *G, "--truth", folders[1], "--blind", "--eps", "0.01", "--json").document
    assert blind["bcubed"]["recall"] < judged["bcubed"]["recall"]
    assert "run" in scans("cluster", "history", *G).out
    assert "undone; 0 clusters are in force again" in scans("cluster", "undo", *G).out
    ran = scans("cluster", "undo", *G)
    assert ran.code == 1
    assert "no run to undo" in ran.err


def test_truth_can_be_a_table_of_paths_or_samples(scans, folders, tmp_path):
    scans("cluster", *G, "--csv", tmp_path / "own.csv")
    table = tmp_path / "truth.csv"
    lines = [f"{path.name},{path.parent.name}" for path in folders[1].rglob("*.png")]
    table.write_text("\n".join(["path,identity", *lines]))
    assert scans("cluster", "evaluate", *G, "--truth", table, "--json").document["n_judged"] == 60
    table.write_text("file,who\na,b\n")
    ran = scans("cluster", "evaluate", *G, "--truth", table)
    assert ran.code == 2
    assert "needs the column 'identity'" in ran.err


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--eps", "0"], 2, "--eps must be in (0, 2], got 0"),
        (["--eps", "2.1"], 2, "--eps must be in (0, 2], got 2.1"),
        (["--eps", "near"], 2, "--eps must be a number in (0, 2] or 'auto', got 'near'"),
        (["--eps", "0.3", "--euclidean-eps", "0.3"], 2, "give one of them"),
        (["--algo", "hdbscan", "--eps", "0.3"], 2, "hdbscan has no eps"),
        (["--algo", "kmeans"], 2, "choose dbscan or hdbscan"),
        (["--min-samples", "61"], 2, "--min-samples must be at most 60, the number of samples, got 61"),
        (["--min-samples", "0"], 2, "--min-samples must be at least 1, got 0"),
    ],
)
def test_what_cannot_be_meant_is_one_line(asked, options, code, said):
    ran = asked(*options)
    assert ran.code == code
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_a_euclidean_eps_is_the_same_distance(asked):
    assert asked("--euclidean-eps", "0.4", "--dry-run", "--json").document["eps"] == pytest.approx(0.08)


def test_an_empty_gallery_and_one_that_is_not_there(run):
    run("gallery", "create", "nobody")
    assert "enroll samples first" in run("cluster", "-g", "nobody").err
    assert "there is no gallery 'nowhere'" in run("people", "list", "-g", "nowhere").err


def test_decisions_are_listed_and_taken_back(scans):
    scans("cluster", *G)
    before = scans("people", "list", *G).out
    assert "'identity people undo' takes it back" in scans("people", "name", "c1", "Null", *G).out
    scans("people", "name", "c2", "One", *G)
    _, first, second = (line.split()[0] for line in scans("people", "history", *G).out.splitlines())
    undone = scans("people", "undo", "--decision", first, *G)
    assert undone.out.startswith(f"decision {first} (name, about ")
    assert scans("people", "undo", *G, "--json").document["undone"]["id"] == int(second)
    assert scans("people", "list", *G).out == before
    listed = scans("people", "history", *G, "--json").document["decisions"]
    assert [(one["decision"], one["undone_at"] is None) for one in listed] == [("name", False), ("name", False)]
    again = scans("people", "undo", *G)
    assert (again.code, again.err.count("\n")) == (1, 1)
    assert "no decision to undo: see 'identity people history -g scans'" in again.err
