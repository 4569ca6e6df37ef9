"""A word means one thing: no two classes of the package share a name."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import identity

PACKAGE = Path(identity.__file__).parent


def class_places(files: Iterable[Path]) -> dict[str, list[str]]:
    """Where the classes of some files stand, by name; a leading underscore makes no other name."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in files:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name.lstrip("_")].append(f"{path.name}:{node.lineno}")
    return places


def shared_names(files: Iterable[Path]) -> dict[str, list[str]]:
    return {name: places for name, places in class_places(files).items() if len(places) > 1}


def test_no_two_classes_have_one_name() -> None:
    assert shared_names(sorted(PACKAGE.rglob("*.py"))) == {}


def test_a_second_class_of_a_name_is_found_wherever_it_stands(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("class Tile: ...\nclass Face: ...")
    (tmp_path / "b.py").write_text("def make():\n    class _Tile: ...\n    return _Tile")
    assert shared_names(sorted(tmp_path.glob("*.py"))) == {"Tile": ["a.py:1", "b.py:2"]}
