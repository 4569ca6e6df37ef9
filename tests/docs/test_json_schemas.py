"""Every document that a command prints, and every example of docs/json.md, is of the type that documents give it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from doc_world import ROOT, faces_missing, parquet_missing
from json_examples import DIGITS, FACES, TABLES, printed, sharding, shown
from pydantic import TypeAdapter
from typer.main import get_command

from identity.cli.app import app
from identity.documents import document
from identity.documents.schemas import SCHEMAS

# Commands that print a document some example shows already; they change nothing that a command after them needs.
OTHERS = [
    ("", "samples show 60001 -g mine --json"),
    ("", "gallery create others"),
    ("", "enroll scans -g others"),
    ("", "cluster -g others --dry-run --json"),
    ("", "cluster -g others"),
    ("", "people merge c1 c2 --as both -g others --json"),
    ("", "people confirm both -g others --json"),
    ("", "people reject c3 --name both -g others --json"),
    ("", "people set-aside c3 -g others --json"),
    ("", "people bring-back c3 -g others --json"),
    ("", "people list -g others --json"),
    ("", "cluster evaluate -g others --blind --json"),
    ("", "cluster history -g others --json"),
    ("", "status --json"),
]
OWN_PAIRS = [("", "gallery create orl --model face-reid-0095"), ("", "enroll photos -g orl")]
OWN_PAIRS += [("", line) for line in ("calibrate -g orl --json", "evaluate -g orl --known test --json")]


@pytest.fixture(scope="module")
def documents(place: Callable[[str], Path]) -> list[tuple[str, Any]]:
    """Every command that prints a document, with its document."""
    tables = [] if parquet_missing() else TABLES
    commands = [*DIGITS, *tables, *OTHERS, *([] if faces_missing() else [*FACES, *OWN_PAIRS])]
    folder = place("schemas")
    with sharding() as others:
        found = [(line, made) for (_, line), made in printed(commands + others, folder) if made is not None]
    sample = next(made for _, made in found if made["schema"].startswith("identity.person/"))["samples"][0]["id"]
    split = [("", f"people split zero {sample} -g scans --json")]
    return found + [(line, made) for (_, line), made in printed(split, folder)]


def test_every_printed_document_is_of_its_type(documents: list[tuple[str, Any]]) -> None:
    for line, made in documents:
        check(made, f"identity {line}")


def test_every_example_of_the_page_is_of_its_type() -> None:
    for name, made in shown((ROOT / "docs" / "json.md").read_text("utf-8")).items():
        check(made, name)


def test_every_type_is_of_a_document_that_some_command_prints() -> None:
    page = shown((ROOT / "docs" / "json.md").read_text("utf-8"))
    assert {made["schema"].split(".", 1)[1].split("/")[0] for made in page.values()} == set(SCHEMAS)


@pytest.mark.skipif(
    bool(faces_missing() or parquet_missing()), reason="some commands need photographs of people, or PyArrow"
)
def test_every_command_that_prints_a_document_was_run(documents: list[tuple[str, Any]]) -> None:
    root = get_command(app)
    having = set(with_json(root, ()))
    assert having == {path for line, _ in documents if (path := path_of(root, line.split())) in having}


def check(made: dict[str, Any], whose: str) -> None:
    """Raises where the document is not exactly what the table says of it."""
    name = made["schema"].removeprefix("identity.").split("/")[0]
    assert made["schema"] == document(name, {})["schema"], whose
    fields = {key: value for key, value in made.items() if key != "schema"}
    TypeAdapter(SCHEMAS[name]).validate_python(fields, strict=True, extra="forbid")


def with_json(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The words of every command that has --json."""
    if any("--json" in option.opts for option in command.params):
        yield path
    for name, one in getattr(command, "commands", {}).items():
        yield from with_json(one, (*path, name))


def path_of(command: click.Command, words: list[str]) -> tuple[str, ...]:
    """The words of a command line that name the command."""
    inside = getattr(command, "commands", {}).get(words[0]) if words else None
    return () if inside is None else (words[0], *path_of(inside, words[1:]))
