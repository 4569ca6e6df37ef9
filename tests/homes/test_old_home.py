"""A home that revision d59714d made by its own commands (`make_home.py`) opens, is migrated, and answers the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from old_home import FIRST, Answers, Rows, asked, near, revision_of, rows, unpack, without
from pictures import pattern, save

from identity.store.schema import REVISION

LISTED = {
    "samples of numerals": "samples list -g numerals --limit 500",
    "samples of album": "samples list -g album --limit 500",
    "people of album": "people list -g album",
    "Ada": "people show Ada -g album",
}
UNCHANGED = (
    "SELECT sample_id, vector, crc32 FROM vector ORDER BY sample_id",
    "SELECT * FROM crop ORDER BY sample_id",
)
ADDED = ("remark", "threshold_remark", "expected", "like_cluster")  # to documents, since then
Run = Callable[[str], Any]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack(tmp_path_factory.mktemp("d59714d"))


@pytest.fixture(scope="module")
def answers(unpacked: Path) -> Answers:
    """What that revision said, by the name of the question."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (unpacked / "answers").iterdir()}


@pytest.fixture(scope="module")
def stored_before(unpacked: Path) -> list[Rows]:
    """Vectors and crops of the home before today's program sees it."""
    assert revision_of(unpacked / "home" / "identity.db") == FIRST
    return stored(unpacked / "home")


@pytest.fixture(scope="module")
def run(unpacked: Path, stored_before: list[Rows]) -> Iterator[Run]:
    """Runs a command of today's program on that home, as a person would who stands where its photographs lie."""
    with pytest.MonkeyPatch.context() as standing:
        standing.chdir(unpacked)
        yield lambda line: asked(line, home=unpacked / "home")


def stored(home: Path) -> list[Rows]:
    return [rows(home / "identity.db", select) for select in UNCHANGED]


@pytest.mark.parametrize(
    ("gallery", "probes"),
    [("numerals", "numerals"), ("guarded", "numerals"), ("people", "people"), ("album", "album")],
)
def test_every_probe_gets_the_answer_it_got(run: Run, answers: Answers, gallery: str, probes: str) -> None:
    now, then = run(f"query probes/{probes} -g {gallery}"), answers[gallery]
    assert without(now["probes"], *ADDED) == near(then["probes"])
    assert (now["space"], now["stale"]) == (then["space"], then["stale"])


@pytest.mark.parametrize("listed", LISTED)
def test_samples_clusters_names_and_decisions_are_there(run: Run, answers: Answers, listed: str) -> None:
    assert without(run(LISTED[listed]), "schema", "quality") == near(without(answers[listed], "schema"))


def test_every_run_is_remembered(run: Run, answers: Answers) -> None:
    kept = run("cluster history -g album")["runs"]
    assert {run["min_quality"] for run in kept} == {0}
    then = without(answers["history"]["runs"], "eps_reason")  # its words may change
    assert without(kept, "eps_reason", "min_quality") == then
    assert len(kept) > 5


def test_a_shipped_gallery_that_was_deleted_stays_deleted(run: Run, answers: Answers) -> None:
    then = [one for one in answers["galleries"]["galleries"] if one["gallery"] != "digits"]
    assert run("gallery list")["galleries"] == then


@pytest.mark.parametrize(
    ("gallery", "probes"), [("numerals", "numerals"), ("guarded", "numerals"), ("people", "people"), ("album", "album")]
)
def test_thresholds_keep_their_numbers_and_what_they_come_from(
    run: Run, answers: Answers, gallery: str, probes: str
) -> None:
    now = run(f"query probes/{probes} -g {gallery}")["calibration"]
    then = answers[gallery]["calibration"]
    assert now["rule"] == RULES[then["method"]]
    today, before = measured(without(now, *ADDED)), measured(then)
    if gallery == "album":  # by reference points: a search counts people today, and counted samples then
        assert today["points"]["search"].pop("target") < before["points"]["search"].pop("target")
    assert today == near(before)


RULES = {
    "mondrian-conformal": "conformal",
    "target-far": "target-far",
    "own pairs, leave one out": "own-pairs",
    "published, not calibrated here": "reference",
}


def measured(calibration: Answers) -> Answers:
    """Its facts in the words of today; the promise is worded anew, and what a rule does not have is left out."""
    points = {name.replace("doubt", "uncertain"): point for name, point in (calibration.get("people") or {}).items()}
    facts = {key: value for key, value in calibration.items() if value is not None}
    return without(facts, "rule", "method", "promise", "people") | {
        "points": {name: without(point, "published", "reference") for name, point in points.items()},
        "of others": {name for name, point in points.items() if point.get("published") or point.get("reference")},
    }


def test_its_database_is_migrated_and_found_sound(run: Run, unpacked: Path) -> None:
    assert run("doctor")["sound"]
    home = unpacked / "home"
    assert revision_of(home / "identity.db") == REVISION
    assert revision_of(home / f"identity.db.before-{REVISION}.bak") == FIRST


def test_photographs_it_holds_are_not_embedded_again(run: Run, unpacked: Path, stored_before: list[Rows]) -> None:
    save(unpacked / "again", (pattern(100 + person, seed) for person in range(12) for seed in range(4)))
    enrolled = run("enroll again -g album")
    assert (enrolled["duplicates"], enrolled["gallery_samples"]) == (48, 0)
    assert stored(unpacked / "home") == stored_before


def test_the_shipped_gallery_answers_as_it_did(
    unpacked: Path, answers: Answers, new_home: Callable[[Path], Path], tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as standing:
        standing.chdir(unpacked)
        now = asked("query probes/numerals", home=new_home(tmp_path / "home"))
    assert now["space"] == answers["shipped"]["space"]
    assert without(now["probes"], *ADDED) == near(answers["shipped"]["probes"])
