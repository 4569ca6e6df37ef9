"""`identity people set-aside` and `bring-back` as people type them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from running import Ran
from scans import rows_of, scan

G = ("-g", "strangers")
Run = Callable[..., Ran]


@pytest.fixture
def clustered(run: Run, tmp_path: Path) -> Run:
    """A gallery of scans of two digits without names, in clusters."""
    for digit in (0, 6):
        for row in rows_of(digit, 15):
            scan(tmp_path / "flat" / f"{row}.png", row)
    assert run("gallery", "create", "strangers").code == 0
    assert run("enroll", tmp_path / "flat", *G).code == 0
    assert run("cluster", *G).code == 0
    yield run
    run("gallery", "delete", "strangers", "--yes")


def clusters(run: Run, *options: str) -> list[int]:
    return [one["id"] for one in run("people", "list", *options, *G, "--json").document["people"]]


def test_a_cluster_that_is_not_interesting_is_listed_only_where_asked_for(clustered: Run) -> None:
    before = clusters(clustered)
    said = clustered("people", "set-aside", "c1", *G)
    assert (said.code, said.out.startswith("c1 set aside: 'identity people list --aside' has it; ")) == (0, True)
    assert (clusters(clustered), clusters(clustered, "--aside")) == ([one for one in before if one != 1], [1])
    assert "c1" not in clustered("people", "list", *G).out
    clustered("cluster", "--full", *G)
    assert clusters(clustered, "--aside") == [1]
    sample = clustered("people", "show", "c1", *G, "--json").document["samples"][0]["id"]
    back = clustered("people", "bring-back", "c1", sample, *G, "--json").document
    assert (back["schema"], back["decision"]) == ("identity.people-decision/1", "bring back")
    assert (sorted(clusters(clustered)), clusters(clustered, "--aside")) == (sorted(before), [])
    decided = clustered("people", "history", *G, "--json").document["decisions"]
    assert [(one["decision"], one["clusters"]) for one in decided] == [("set aside", [1]), ("bring back", [1])]
    assert decided[1]["n_samples"] == 1


def test_what_cannot_be_set_aside_is_one_line(clustered: Run) -> None:
    clustered("people", "name", "c1", "Anna", *G)
    named, strange, here = (
        clustered("people", *words, *G)
        for words in (("set-aside", "c1"), ("set-aside", "c2", "999999"), ("bring-back", "c2"))
    )
    assert [ran.code for ran in (named, strange, here)] == [2, 1, 2]
    assert all(ran.err.count("\n") == 1 for ran in (named, strange, here))
    assert "'c1' is called Anna, and only who has no name can be set aside" in named.err
    assert "sample 999999 is not of 'c2'" in strange.err
    assert "'c2' is not set aside: see 'identity people list --aside -g strangers'" in here.err
