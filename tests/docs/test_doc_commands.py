"""What README.md and docs/ tell people to type works when it is copied line by line, page by page.

The blocks of a page run in order, in one home and one folder of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from doc_blocks import NEVER_RUN, RUN, Block, blocks_of, commands_of, missing_lines, pages, run_block
from doc_world import ROOT, faces_missing

BLOCKS = [
    block for page in pages(ROOT) for block in blocks_of(page.read_text("utf-8"), page=str(page.relative_to(ROOT)))
]
MOST_WORDS = 900


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.language in RUN], ids=lambda block: block.name)
def test_a_block_does_what_the_page_shows(
    block: Block, place: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    if block.needs_faces and (missing := faces_missing()):
        pytest.skip(f"{block.name} needs {missing}, which is not here")
    folder = place(block.page)
    monkeypatch.setenv("IDENTITY_HOME", str(folder / "home"))
    monkeypatch.setenv("IDENTITY_OFFLINE", "1")
    monkeypatch.setenv("IDENTITY_MODELS_MIRROR", str(folder / "work" / "published"))
    monkeypatch.delenv("IDENTITY_DATABASE_URL", raising=False)
    monkeypatch.chdir(folder / "work")
    run_block(block)


def test_every_block_says_whether_it_is_run() -> None:
    unmarked = [f"{block.name}: {block.language!r}" for block in BLOCKS if block.language not in (*RUN, *NEVER_RUN)]
    assert unmarked == []


def test_both_journeys_of_the_readme_are_run() -> None:
    ours = [block for block in BLOCKS if block.page == "README.md" and block.language == "console"]
    assert {block.needs_faces for block in ours} == {True, False}


def test_readme_is_short() -> None:
    words = len((ROOT / "README.md").read_text("utf-8").split())
    assert words <= MOST_WORDS


def test_every_link_inside_the_docs_leads_somewhere() -> None:
    broken = [
        f"{page.name}: {target}"
        for page in pages(ROOT)
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


PAGE = """text
```console faces
$ identity query 'a b.png' --exit-code   # exit code 3
unknown  nearest 4 at 0.190
...
$ identity doctor
everything is as it was written
```
```sh
pip install x
```
"""


def test_the_extractor_reads_commands_codes_and_shown_lines() -> None:
    console, never = blocks_of(PAGE, page="p.md")
    assert (console.name, console.needs_faces, never.language) == ("p.md:3", True, "sh")
    first, second = commands_of(console)
    assert first.arguments == ["identity", "query", "a b.png", "--exit-code"]
    assert (first.code, second.code) == (3, 0)
    assert first.shown == ["unknown  nearest 4 at 0.190", "..."]


def test_a_line_that_is_not_said_is_missed() -> None:
    shown = ["7  known  distance 0.034", "...", "1 skipped: no ink"]
    assert missing_lines(shown, "7  known  distance 0.5\n1 skipped: blurred") == []
    assert missing_lines(shown, "7  unknown\n2 skipped: no ink") == ["7  known  distance 0.034", "1 skipped: no ink"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("$ identity gallery list   # exit code 3", "exit code 0, not 3"),
        ("$ identity gallery show nowhere", "exit code 1, not 0"),
        ("$ identity gallery list\nno such line", "not shown"),
        ("$ rm -r photos", "mark the block as sh"),
        ("seven", "before any command"),
    ],
)
def test_a_page_that_says_what_is_not_so_fails(
    text: str, why: str, place: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_HOME", str(place("wrong") / "home"))
    (block,) = blocks_of(f"```console\n{text}\n```", page="wrong")
    with pytest.raises(AssertionError, match=why):
        run_block(block)


def test_a_program_that_fails_fails_the_page() -> None:
    (block,) = blocks_of("```python\nassert 1 == 2\n```", page="wrong")
    with pytest.raises(AssertionError):
        run_block(block)
