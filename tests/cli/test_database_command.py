"""`identity database copy`: galleries on a server and back with the same verdicts; commands speak of either."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from postgres_server import PostgresServer
from running import Ran, ran
from scans import rows_of, scan

from identity import bootstrap
from identity.documents.databases import DatabaseCopyFields
from identity.store.schema import REVISION

Verb = Callable[..., Ran]


@pytest.fixture(scope="module")
def lived_in(new_home, scans: Path, tmp_path_factory) -> Path:
    """A home with a calibrated gallery, and one whose samples were clustered and decided about."""
    home = new_home(tmp_path_factory.mktemp("copied") / "home")
    unnamed = home.parent / "unnamed"
    unnamed.mkdir()
    for digit in (3, 6, 7):
        for row in rows_of(digit, 12):
            scan(unnamed / f"{digit}-{row}.png", row)
    say = lambda line: ran("--home", home, *line.split())  # noqa: E731
    for line in (
        "gallery delete digits --yes", "gallery create post", f"enroll {scans} -g post --calibration-fraction 0.4",
        "calibrate -g post --alpha 0.2",
        "gallery create heap", f"enroll {unnamed} -g heap", "cluster -g heap", "people name c1 Ada -g heap",
        "people set-aside c2 -g heap", "samples remove --identity 2 -g post --yes",
    ):  # fmt: skip
        done = say(line)
        assert done.code == 0, (line, done.err)
    return home


@pytest.fixture
def server_url(postgres: PostgresServer) -> str:
    return postgres.new_database().replace("identity@", "identity:hunter2@")


@pytest.fixture
def probes(tmp_path: Path) -> list[Path]:
    return [scan(tmp_path / f"{digit}.png", rows_of(digit, 41)[-1]) for digit in (1, 3, 7)]


def test_galleries_answer_the_same_on_a_server_and_back_and_go_on_from_there(
    lived_in: Path, server_url: str, probes: list[Path], tmp_path: Path
) -> None:
    first, last = f"sqlite:///{lived_in / 'identity.db'}", f"sqlite:///{tmp_path / 'back.db'}"
    fields = [ran("database", "copy", *ends, "--json") for ends in ((first, server_url), (server_url, last))]
    assert [one.code for one in fields] == [0, 0], fields
    assert "hunter2" not in "".join(one.out + one.err for one in fields)
    for made in fields:
        assert made.document["schema"] == "identity.database-copy/1"
        assert set(made.document) == {"schema", *DatabaseCopyFields.__annotations__}
    assert fields[0].document["tables"] == fields[1].document["tables"]
    assert fields[0].document["galleries"] == 2
    verbs = [_verb(lived_in, first), _verb(tmp_path / "a", server_url), _verb(tmp_path / "b", last)]
    for line in (
        ["query", *probes, "-g", "post", "--json"], ["gallery", "show", "post"],
        ["people", "list", "-g", "heap", "--json"], ["people", "history", "-g", "heap"],
        ["samples", "list", "-g", "heap"],
        ["cluster", "history", "-g", "heap", "--json"], ["people", "undo", "-g", "heap"],
        ["cluster", "undo", "-g", "heap", "--json"], ["people", "list", "-g", "heap", "--json"],
    ):  # fmt: skip
        said = [verb(*line) for verb in verbs]
        for one in said:
            assert (one.code, _timeless(one.out)) == (0, _timeless(said[0].out)), (line, one.err)
    again = scan(tmp_path / "again.png", rows_of(8, 50)[-1])
    newest = [_newest(verb, again) for verb in verbs]
    assert newest == [newest[0]] * 3
    for verb in verbs[1:]:
        assert verb("doctor").out == "everything is as it was written\n"


def _verb(home: Path, database: str) -> Verb:
    return lambda *arguments: ran("--home", home, "--database", database, *arguments)


def _timeless(said: str) -> object:
    return _known(json.loads(said)) if said.startswith("{") else said


def _known(value: object) -> object:
    """A document without the times of this moment, and distances as far as no order of additions shows in them."""
    if isinstance(value, dict):
        return {key: _known(one) for key, one in value.items() if not key.endswith("_ms")}
    if isinstance(value, float):
        return round(value, 4)
    return [_known(one) for one in value] if isinstance(value, list) else value


def _newest(verb: Verb, image: Path) -> int:
    """The id that a new sample gets."""
    assert verb("enroll", image, "-g", "heap").code == 0
    listed = verb("samples", "list", "-g", "heap", "--limit", "100", "--json").document["samples"]
    return max(one["id"] for one in listed)


def test_the_gallery_that_a_home_is_opened_with_is_not_in_the_way(
    new_home: Callable[[Path], Path], lived_in: Path, tmp_path: Path
) -> None:
    target = new_home(tmp_path / "home") / "identity.db"
    ends = [f"sqlite:///{lived_in / 'identity.db'}", f"sqlite:///{target}"]
    done = ran("database", "copy", *ends)
    assert done.code == 0, done.err
    assert done.out.startswith("2 galleries with ")
    assert "rows and" in done.out
    assert [gallery.name for gallery, _ in _galleries(tmp_path / "home")] == ["heap", "post"]
    assert (refused := ran("database", "copy", *ends)).code == 2
    assert refused.err.startswith("identity: ")
    assert "holds galleries already ('heap', ...): copy into an empty database" in refused.err


def _galleries(home: Path) -> list:
    with bootstrap.open_home(home=home) as opened:
        return opened.galleries()


@pytest.mark.parametrize("ends", [["x", "y"], ["sqlite:///a.db", "mysql://h/d"], ["postgresql://h:x/d", "sqlite:///a"]])
def test_an_address_that_is_none_is_a_wrong_use_and_is_not_repeated(ends: list[str]) -> None:
    done = ran("database", "copy", *ends)
    assert done.code == 2
    assert "Traceback" not in done.err
    assert len(done.err.splitlines()) == 1


@pytest.fixture
def there(lived_in: Path, server_url: str, tmp_path: Path) -> Verb:
    """Commands with a database on a server that the home was copied to."""
    assert ran("database", "copy", f"sqlite:///{lived_in / 'identity.db'}", server_url).code == 0
    return _verb(tmp_path, server_url)


def test_status_says_what_keeps_the_rows(lived_in: Path, there: Verb) -> None:
    said, text = there("status", "--json"), there("status").out
    keeps = said.document["database_system"]
    assert (keeps["name"], keeps["schema"]) == ("postgresql", REVISION)
    assert int(keeps["version"].partition(".")[0]) >= 15
    assert f"(PostgreSQL {keeps['version']} with pgvector {keeps['pgvector']}, schema {keeps['schema']})" in text
    assert "hunter2" not in said.out + text
    here = ran("--home", lived_in, "status", "--json").document["database_system"]
    assert (here["name"], here["pgvector"]) == ("sqlite", None)
    assert f"(SQLite {here['version']}, schema" in ran("--home", lived_in, "status").out


def test_doctor_and_restore_name_what_brings_back_a_database_on_a_server(
    there: Verb, server_url: str, tmp_path: Path, postgres: PostgresServer
) -> None:
    name = server_url.partition("@/")[2].partition("?")[0]
    gone = "SET session_replication_role = replica; DELETE FROM identity.image WHERE path LIKE '%6.png'"
    postgres.sql(gone, database=name)
    found = there("doctor")
    assert found.code == 1
    assert "restore a dump with 'pg_restore --clean --if-exists'" in found.out
    assert "identity restore" not in found.out
    refused = there("restore", tmp_path / "file")  # without a question first
    assert (refused.code, refused.out) == (2, "")
    assert "pg_restore" in refused.err
