"""The page "Who is this?" about photographs of people: boxes where the faces are, and two photographs compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browse
from served import Server, server

expect = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright").expect
ASK = "/galleries/people/ask"


@pytest.fixture(scope="module")
def asking(faces_home: Path) -> Iterator[Server]:
    with server(faces_home) as running:
        yield running


def test_a_face_of_nobody_enrolled_is_boxed_and_unknown(browse: Browse, asking: Server, people: list[Path]) -> None:
    with browse(asking, ASK) as page:
        page.set_input_files("#files", str(people[0]))
        expect(page.locator(".region .tag").first).to_have_text("unknown")
        box, image = page.locator(".seen .box").first.bounding_box(), page.locator(".seen img").bounding_box()
        assert box is not None
        assert image is not None
        assert 0.2 < box["width"] / image["width"] < 0.8
        assert image["x"] < box["x"] + box["width"] / 2 < image["x"] + image["width"]


def test_two_photographs_are_compared(browse: Browse, asking: Server, people: list[Path]) -> None:
    with browse(asking, ASK) as page:
        page.get_by_role("button", name="Are these two the same person?").click()
        first, second = page.get_by_label("First photograph"), page.get_by_label("Second photograph")
        first.set_input_files(str(people[0]))
        for photograph, said in ((people[1], "The same person"), (people[2], "Two different people")):
            second.set_input_files(str(photograph))
            expect(page.locator("#compared h3")).to_contain_text(said)
            expect(page.locator("#same .box")).to_have_count(2)


def test_a_photograph_without_a_face_says_so(browse: Browse, asking: Server, pictures: list[Path]) -> None:
    with browse(asking, ASK) as page:
        page.set_input_files("#files", str(pictures[0]))
        expect(page.locator(".answer")).to_contain_text("No face was found in this photograph")
