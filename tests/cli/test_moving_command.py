"""`identity export bundle` and `identity import bundle` as people type them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from running import Ran
from running import ran as run_anywhere
from scans import rows_of, scan

from identity.store.opening import open_store
from identity.workflows.moving import export_gallery


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("few")
    for digit in (0, 7):
        for row in rows_of(digit, 4):
            scan(folder / str(digit) / f"{row}.png", row)
    return folder


@pytest.fixture(scope="module")
def bundle(home: Path, few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("out") / "moving.bundle"
    for line in (
        "gallery create moving",
        f"enroll {few} -g moving --calibration-fraction 0.5",
        "calibrate -g moving --alpha 0.4",
        "cluster -g moving --full --eps 0.3 --min-samples 2",
        "people name 7 seven -g moving",
        f"export bundle {path} -g moving",
    ):
        assert run_anywhere("--home", home, *line.split()).code == 0, line
    return path


def test_a_gallery_answers_under_another_name_and_a_second_import_says_that_nothing_is_new(
    run: Callable[..., Ran], bundle: Path, few: Path
) -> None:
    first = run("import", "bundle", bundle, "-g", "moved")
    assert first.out == "gallery 'moved' created: 8 samples, 2 identities\n"
    again = run("import", "bundle", bundle, "-g", "moved")
    assert again.out == "gallery 'moved' has all 8 samples already: nothing was written\n"
    probe = next((few / "7").glob("*.png"))
    before, after = (run("query", probe, "-g", name).out for name in ("moving", "moved"))
    assert before == after
    assert before.startswith("seven  ")


@pytest.mark.parametrize("question", ["people list", "cluster history", "samples list", "gallery show"])
def test_what_the_gallery_is_asked_elsewhere_it_answers_alike(
    run: Callable[..., Ran], bundle: Path, question: str
) -> None:
    run("import", "bundle", bundle, "-g", "asked")
    place = () if question == "gallery show" else ("-g",)
    here, there = (run(*question.split(), *place, name, "--json").document for name in ("moving", "asked"))
    assert without_ids(here) == without_ids(there)


def without_ids(document: Any) -> Any:
    """A document without what names rows of one database: the numbers of runs, samples, and the gallery's name."""
    if isinstance(document, dict):
        return {key: without_ids(one) for key, one in document.items() if key not in ("id", "gallery", "examples")}
    return [without_ids(one) for one in document] if isinstance(document, list) else document


def test_both_documents_say_how_much_went(run: Callable[..., Ran], bundle: Path) -> None:
    out = run("export", "bundle", bundle, "-g", "moving", "--no-crops", "--json").document
    assert (out["gallery"], out["bytes"], out["with_crops"]) == ("moving", bundle.stat().st_size, False)
    into = run("import", "bundle", bundle, "-g", "documented", "--json").document
    assert (into["created"], into["known"], into["added"]) == (True, 0, out["rows"])
    assert out["rows"]["samples"] == 8
    assert out["rows"]["crops"] == 0


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A gallery of a model that no home has."""
    other = open_store(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    made = other.galleries.create("foreign", model="digits-own", detector="whole", space="s" * 64, dim=8)
    export_gallery(other, made, tmp_path / "foreign.bundle", crops=True)
    other.close()
    return tmp_path / "foreign.bundle"


def test_a_model_that_is_not_here_is_named(run: Callable[..., Ran], foreign: Path) -> None:
    taken = run("import", "bundle", foreign)
    assert taken.code == 0
    assert taken.err == (
        "gallery 'foreign' needs model 'digits-own', which is not installed: run 'identity models add'\n"
    )


def test_what_cannot_be_meant_is_one_line_and_an_exit_code(
    run: Callable[..., Ran], bundle: Path, foreign: Path, tmp_path: Path
) -> None:
    run("import", "bundle", foreign)
    other = tmp_path / "letter.txt"
    other.write_text("dear")
    for arguments, code in (
        (("export", "bundle", other, "-g", "moving"), 2),
        (("export", "bundle", tmp_path / "x", "-g", "nobody"), 1),
        (("import", "bundle", other), 1),
        (("import", "bundle", tmp_path / "nothing"), 1),
        (("import", "bundle", bundle, "-g", "foreign"), 5),
        (("import", "bundle", bundle, "-g", "a/b"), 2),
    ):
        said = run(*arguments)
        assert (said.code, said.err.count("\n"), said.out) == (code, 1, ""), arguments
    assert other.read_text() == "dear"
