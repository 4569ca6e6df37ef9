"""What is not interesting is set aside on the pages, by keys, and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import Browse
from served import Server
from test_pages_people import names

import identity

expect = pytest.importorskip("playwright.sync_api", reason="needs playwright").expect


def whos_aside(web_home: Path, gallery: str) -> list[int | None]:
    with identity.open_gallery(gallery, home=web_home) as opened:
        return sorted(one.cluster for one in opened.people.list(aside=True))


def test_clusters_are_set_aside_by_a_key_and_brought_back(
    browse: Browse, serving: Server, web_home: Path, scanned: str
) -> None:
    with browse(serving, f"/galleries/{scanned}/people") as page:
        rows = page.locator("#rows .row")
        expect(page.locator(".row .naming").first).to_be_visible()
        before = rows.count()
        page.keyboard.press("i")
        page.keyboard.press("i")
        expect(page.locator(".row .faint", has_text="set aside")).to_have_count(2)
        expect(page.locator("#said")).to_contain_text("set aside")
        page.keyboard.press("u")
        expect(page.locator("#said")).to_contain_text("Taken back")
        expect(rows).to_have_count(before - 1)
        page.get_by_role("button", name="Set aside").click()
        expect(rows).to_have_count(1)
        expect(page.locator("#count")).to_contain_text("1 set aside")
        assert len(whos_aside(web_home, scanned)) == 1
        page.keyboard.press("i")
        expect(page.locator(".row .faint", has_text="brought back")).to_have_count(1)
        page.get_by_role("button", name="All", exact=True).click()
        expect(rows).to_have_count(before)
    assert whos_aside(web_home, scanned) == []


def test_single_faces_and_then_all_are_set_aside(browse: Browse, serving: Server, web_home: Path, scanned: str) -> None:
    with browse(serving, f"/galleries/{scanned}/person?who=c1") as page:
        expect(page.locator(".face").first).to_be_visible()
        page.keyboard.press(" ")
        page.keyboard.press("i")
        expect(page.locator(".face.aside")).to_have_count(1)
        assert whos_aside(web_home, scanned) == []
        page.get_by_role("button", name="Not interesting").click()
        expect(page.get_by_role("button", name="Bring back")).to_be_enabled()
        expect(page.locator(".face:not(.aside)")).to_have_count(0)
        assert whos_aside(web_home, scanned) == [1]
        page.locator("#name").fill("Ada")
        page.keyboard.press("Enter")
        expect(page.locator(".face.aside")).to_have_count(0)
        expect(page.locator("#aside")).to_be_hidden()
        expect(page.locator("#confirm")).to_be_visible()
    assert (names(web_home, scanned), whos_aside(web_home, scanned)) == (["Ada"], [])
