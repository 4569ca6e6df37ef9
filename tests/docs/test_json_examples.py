"""The examples of docs/json.md have the keys that the commands print today."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from doc_world import ROOT
from json_examples import DIGITS, FACES, SHARDED, TABLES, examples, shape, shortened, shown, written

from identity.documents import document

PAGE = (ROOT / "docs" / "json.md").read_text("utf-8")
CURE = "run: PYTHONPATH=. python tests/docs/json_examples.py --write docs/json.md"


@pytest.fixture(scope="module")
def made(place: Callable[[str], Path]) -> dict:
    return examples(place("json"))


def test_every_document_has_an_example() -> None:
    assert set(shown(PAGE)) == {SHARDED, *(name for name, _ in DIGITS + TABLES + FACES if name)}


def test_examples_have_the_keys_that_commands_print(made: dict) -> None:
    examples_shown = shown(PAGE)
    outdated = [name for name, document in made.items() if shape(document) != shape(examples_shown[name])]
    assert outdated == [], CURE


def test_examples_are_named_by_their_schema() -> None:
    for name, shown_document in shown(PAGE).items():
        assert shown_document["schema"] == document(name.removesuffix("-people"), {})["schema"]


def test_a_renamed_key_is_noticed_and_written() -> None:
    page = '<!-- example: a -->\n```json\n{"x": 1}\n```\n'
    assert shape({"y": 1}) != shape(shown(page)["a"])
    assert shown(written(page, {"a": {"y": 2}})) == {"a": {"y": 2}}


def test_an_example_names_no_machine(tmp_path: Path) -> None:
    said = shortened({"file": str(tmp_path / "home" / "a"), "created_at": "2027-03-01T10:00:00"}, home=str(tmp_path))
    assert str(tmp_path) not in str(said)
    assert "2027" not in str(said)
