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

    def there(*arguments: object) -> Ran:
        return ran("--home", tmp_path / "there", "--database", url, *arguments)

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
