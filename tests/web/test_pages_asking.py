"""The page "Who is this?" in a real browser: pictures, a drawing and what is no picture get their answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import Browse
from served import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright").expect
ASK = "/galleries/digits/ask"


def asked(page: Page, *paths: Path) -> None:
    """Choose these files, as the button does."""
    page.set_input_files("#files", [str(path) for path in paths])


def draw(page: Page, *points: tuple[float, float]) -> None:
    """One line of the pen through these places, as shares of the paper's side."""
    paper = page.locator("#paper")
    paper.scroll_into_view_if_needed()
    seen = paper.bounding_box()
    assert seen is not None
    places = [(seen["x"] + x * seen["width"], seen["y"] + y * seen["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=10)
    page.mouse.up()


def test_a_picture_of_a_digit_gets_a_verdict_with_its_reasons(
    browse: Browse, serving: Server, pictures: list[Path]
) -> None:
    with browse(serving, ASK) as page:
        asked(page, pictures[0])
        card = page.locator(".region")
        expect(card.locator("h3")).to_contain_text("0")
        expect(card.locator(".tag")).to_have_text("known")
        for said in ("within the threshold of 0", "distance 0.", "Typicality", "Nearest samples", "Next:"):
            expect(card).to_contain_text(said)
        expect(page.locator(".seen .box")).to_have_count(1)
        expect(page.locator("#told")).to_contain_text(f"{pictures[0].name}: 0")


def test_several_pictures_get_an_answer_each(browse: Browse, serving: Server, pictures: list[Path]) -> None:
    with browse(serving, ASK) as page:
        asked(page, *pictures[::6])
        expect(page.locator(".answer:not(.waiting)")).to_have_count(4)
        assert page.locator(".answer h2").all_inner_texts() == [path.name for path in reversed(pictures[::6])]


@pytest.mark.parametrize("width", [1280, 360])
def test_what_is_drawn_is_recognised(browse: Browse, serving: Server, width: int) -> None:
    with browse(serving, ASK, viewport={"width": width, "height": 900}) as page:
        expect(page.get_by_role("button", name="Ask")).to_be_disabled()
        draw(page, (0.28, 0.22), (0.7, 0.22), (0.42, 0.82))
        page.get_by_role("button", name="Ask").click()
        expect(page.locator(".region h3")).to_contain_text("7")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_is_no_picture_is_said_with_its_cure_and_its_name_is_no_markup(
    browse: Browse, serving: Server, tmp_path: Path
) -> None:
    broken = tmp_path / "<b>a&lt;.png"
    broken.write_bytes(b"no picture")
    with browse(serving, ASK) as page:
        asked(page, broken)
        trouble = page.locator(".trouble")
        expect(trouble).to_contain_text("is not an image that can be read")
        expect(trouble).to_contain_text("What helps: check its format")
        expect(page.locator(".answer h2")).to_have_text("<b>a&lt;.png")
        expect(page.locator(".answer b")).to_have_count(0)


def test_a_gallery_without_thresholds_says_what_helps(
    browse: Browse, serving: Server, scanned: str, pictures: list[Path]
) -> None:
    with browse(serving, f"/galleries/{scanned}/ask") as page:
        asked(page, pictures[0])
        expect(page.locator(".trouble")).to_contain_text("identity calibrate")


DROP = """async ([name, text]) => {
  const given = new DataTransfer();
  given.items.add(new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], name, { type: "image/png" }));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: given, bubbles: true, cancelable: true }));
  }
}"""


def test_a_picture_may_be_dropped_anywhere(browse: Browse, serving: Server, pictures: list[Path]) -> None:
    from base64 import b64encode

    with browse(serving, ASK) as page:
        page.evaluate(DROP, [pictures[8].name, b64encode(pictures[8].read_bytes()).decode()])
        expect(page.locator(".region h3")).to_contain_text("1")
        expect(page.locator("body")).not_to_have_class("drops")


def test_a_browser_without_a_camera_is_told_what_else_there_is(browse: Browse, serving: Server) -> None:
    with browse(serving, ASK) as page:
        page.get_by_role("button", name="Use the camera").click()
        expect(page.get_by_role("alert")).to_contain_text("choose a picture")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_keeps_anybody_from_an_answer(
    browse: Browse, serving: Server, pictures: list[Path], scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    with browse(serving, ASK, color_scheme=scheme, bypass_csp=True) as page:
        asked(page, pictures[0])
        expect(page.locator(".region")).to_be_visible()
        broken = axe.Axe().run(page).response["violations"]
    assert [one["id"] for one in broken if one["impact"] in {"serious", "critical"}] == []
