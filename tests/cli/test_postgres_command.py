"""The program with `--database postgresql://...`: the same commands give the same answers, and no password is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from postgres_server import PostgresServer
from running import Ran, ran
from scans import rows_of, scan


@pytest.fixture
def both(postgres: PostgresServer, home: Path, tmp_path: Path) -> tuple[Callable[..., Ran], Callable[..., Ran]]:
    """The same command in a home with SQLite, and in one with a database on a server."""
    url = postgres.new_database().replace("identity@", "identity:hunter2@")

    def there(*arguments: object, home: str = "there") -> Ran:
        return ran("--home", tmp_path / home, "--database", url, *arguments)

    return lambda *arguments: ran("--home", home, *arguments), there


def test_commands_answer_the_same_from_either_database(both, scans: Path, tmp_path: Path) -> None:
    one, other = both
    probes = [scan(tmp_path / f"{digit}.png", rows_of(digit, 41)[-1]) for digit in (3, 7)]
    said = [json.loads(where("query", *probes, "--json").out) for where in both]
    assert _verdicts(said[0]) == _verdicts(said[1])
    for command in (
        ("gallery", "create", "post"),
        ("enroll", scans, "-g", "post"),
        ("people", "list", "-g", "post"),
        ("samples", "remove", "--identity", "2", "-g", "post", "--yes"),
        ("gallery", "delete", "post", "--yes"),
    ):
        here, there = one(*command), other(*command)
        assert (here.code, here.out) == (0, there.out), (command, here.err, there.err)
    found = other("doctor")
    assert (found.code, found.out) == (0, "everything is as it was written\n"), found.err


def test_a_gallery_above_the_snapshot_limit_is_searched_in_its_database_and_no_file_is_written(both, tmp_path) -> None:
    _, other = both
    probes = [scan(tmp_path / f"{digit}.png", rows_of(digit, 41)[-1]) for digit in (3, 7)]
    without = other("query", *probes, "--json", "--snapshot-limit", "10MB")
    assert not list((tmp_path / "there").rglob("*.faiss"))
    assert json.loads(other("status", "--json").out)["galleries"][0]["snapshot"] is False
    by_file = other("query", *probes, "--json")
    assert list((tmp_path / "there").rglob("*.faiss"))
    in_database, here = (_verdicts(json.loads(answered.out)) for answered in (without, by_file))
    assert [region[:2] for region in in_database] == [region[:2] for region in here]
    refused = other("query", *probes, "--snapshot-limit", "much")
    assert (refused.code, "500MB" in refused.err) == (2, True)


def test_two_homes_with_one_database_keep_their_index_files_until_somebody_is_forgotten(both, tmp_path) -> None:
    _, other = both
    probe = scan(tmp_path / "7.png", rows_of(7, 41)[-1])

    def files(home: str) -> list[str]:
        return [path.name for path in (tmp_path / home).rglob("*.faiss")]

    for home in ("there", "elsewhere"):
        assert other("query", probe, home=home).code == 0
    written = [files(home) for home in ("there", "elsewhere")]
    assert [len(names) for names in written] == [1, 1]
    for home in ("there", "elsewhere", "there"):
        assert other("query", probe, home=home).code == 0
    assert [files(home) for home in ("there", "elsewhere")] == written, "neither wrote it anew"
    assert other("samples", "remove", "--identity", "2", "--yes").code == 0
    assert other("query", probe, home="elsewhere").code == 0
    assert not set(files("elsewhere")) & set(written[1]), "one that shows who was forgotten is gone"


def test_status_shows_the_address_without_its_password_and_backup_names_the_servers_tool(both, tmp_path) -> None:
    _, other = both
    status = other("status", "--json")
    assert json.loads(status.out)["database"].startswith("postgresql://identity@/d")
    refused = other("backup", tmp_path / "b")
    assert refused.code == 2
    assert "pg_dump" in refused.err
    assert "hunter2" not in status.out + status.err + refused.out + refused.err


def _verdicts(document: dict) -> list:
    regions = [region for answer in document["probes"] for region in answer["regions"]]
    return [(region["verdict"], region["identity"], region["candidates"]) for region in regions]
