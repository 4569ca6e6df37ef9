"""Every file that a page names is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md")), *sorted((ROOT / "docs").glob("*.md"))]
PATH = re.compile(r"`((?:[a-z_0-9]+/)*[a-z_0-9]+\.py)`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
BELOW = ("", "identity", "scripts/bench")  # pages name rooms of the package without its name


def named_paths(page: Path) -> Iterator[tuple[str, list[Path]]]:
    """Each path of a page, with the places where it may be."""
    text = page.read_text("utf-8")
    yield from ((path, [ROOT / place / path for place in BELOW]) for path in PATH.findall(text))
    yield from ((path, [page.parent / path]) for path in LINK.findall(text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    missing = [path for path, places in named_paths(page) if not any(place.exists() for place in places)]
    assert missing == []


def test_a_path_is_recognised_as_code_and_as_a_link() -> None:
    assert PATH.findall("`core/domain.py`, `demo/`, `identity query`") == ["core/domain.py"]
    assert LINK.findall("[a](docs/digits.md#x), [b](https://x.org)") == ["docs/digits.md"]
