"""A home that revision d59714d made by its own commands (`make_home.py`) opens, is migrated, and answers the same."""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pictures import pattern, save

from identity.cli.main import main
from identity.store.sqlite.migration import REVISION

ARCHIVE = Path(__file__).with_name("d59714d.tar.xz")
TOLERANCE = 1e-6  # of distances: a network's sums depend on the processor
LISTED = {
    "samples of numerals": "samples list -g numerals --limit 500",
    "samples of album": "samples list -g album --limit 500",
    "people of album": "people list -g album",
    "Ada": "people show Ada -g album",
}
Answers = dict[str, Any]
Run = Callable[[str], Any]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which that revision worked: `home`, `probes` and `answers`."""
    folder = tmp_path_factory.mktemp("d59714d")
    with tarfile.open(ARCHIVE) as packed:
        packed.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def answers(unpacked: Path) -> Answers:
    """What that revision said, by the name of the question."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (unpacked / "answers").iterdir()}


@pytest.fixture(scope="module")
def vectors_before(unpacked: Path) -> list[tuple[int, bytes, int]]:
    return vectors(unpacked / "home")


@pytest.fixture(scope="module")
def run(unpacked: Path, vectors_before: list[tuple[int, bytes, int]]) -> Iterator[Run]:
    """Runs a command of today's program on that home, as a person would who stands where its photographs lie."""
    with pytest.MonkeyPatch.context() as standing:
        standing.chdir(unpacked)
        yield lambda line: asked(line, home=unpacked / "home")


def asked(line: str, *, home: Path) -> Any:
    """The document that a command prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.raises(SystemExit, match=r"^0$"):
        main(["--home", str(home), *line.split(), "--json"])
    return json.loads(out.getvalue())


def vectors(home: Path) -> list[tuple[int, bytes, int]]:
    with closing(sqlite3.connect(home / "identity.db")) as connection:
        return connection.execute("SELECT sample_id, vector, crc32 FROM vector ORDER BY sample_id").fetchall()


def near(document: Any) -> Any:
    """The document, its numbers to within `TOLERANCE`."""
    match document:
        case dict():
            return {key: near(value) for key, value in document.items()}
        case list():
            return [near(value) for value in document]
        case float():
            return pytest.approx(document, abs=TOLERANCE)
        case _:
            return document


@pytest.mark.parametrize(
    ("gallery", "probes"),
    [("numerals", "numerals"), ("guarded", "numerals"), ("people", "people"), ("album", "album")],
)
def test_every_probe_gets_the_answer_it_got(run: Run, answers: Answers, gallery: str, probes: str) -> None:
    now, then = run(f"query probes/{probes} -g {gallery}"), answers[gallery]
    assert now["probes"] == near(then["probes"])
    assert (now["space"], now["stale"]) == (then["space"], then["stale"])


@pytest.mark.parametrize("listed", LISTED)
def test_samples_clusters_names_and_decisions_are_there(run: Run, answers: Answers, listed: str) -> None:
    assert without_schema(run(LISTED[listed])) == without_schema(answers[listed])


def test_every_run_is_remembered(run: Run, answers: Answers) -> None:
    kept = [facts_of(one) for one in run("cluster history -g album")["runs"]]
    assert kept == [facts_of(one) for one in answers["history"]["runs"]]
    assert len(kept) > 5


def facts_of(cluster_run: Answers) -> Answers:
    """What the run did; the words that explain its eps may change."""
    return {key: value for key, value in cluster_run.items() if key != "eps_reason"}


def test_a_shipped_gallery_that_was_deleted_stays_deleted(run: Run, answers: Answers) -> None:
    names = {one["gallery"] for one in answers["galleries"]["galleries"]}
    assert {one["gallery"] for one in run("gallery list")["galleries"]} == names - {"digits"}


def test_its_database_is_migrated_and_found_sound(run: Run, unpacked: Path) -> None:
    assert run("doctor")["sound"]
    with closing(sqlite3.connect(unpacked / "home" / "identity.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(REVISION,)]


def test_photographs_it_holds_are_not_embedded_again(
    run: Run, unpacked: Path, vectors_before: list[tuple[int, bytes, int]]
) -> None:
    save(unpacked / "again", (pattern(100 + person, seed) for person in range(12) for seed in range(4)))
    enrolled = run("enroll again -g album")
    assert (enrolled["duplicates"], enrolled["gallery_samples"]) == (48, 0)
    assert vectors(unpacked / "home") == vectors_before


def test_the_shipped_gallery_answers_as_it_did(unpacked: Path, answers: Answers, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as standing:
        standing.chdir(unpacked)
        now = asked("query probes/numerals", home=tmp_path / "home")
    assert now["space"] == answers["shipped"]["space"]
    assert now["probes"] == near(answers["shipped"]["probes"])


def without_schema(document: Answers) -> Answers:
    """The facts of a document; its version may change."""
    return {key: near(value) for key, value in document.items() if key != "schema"}
