"""The pages of people in a real browser: named by keys alone, split, undone, forgotten; nothing of a name is markup."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser import browser_page
from served import Server

import identity

expect = pytest.importorskip("playwright.sync_api", reason="needs playwright").expect


def names(web_home: Path, gallery: str) -> list[str]:
    """Whom the gallery knows by a name, as the package itself says."""
    with identity.open_gallery(gallery, home=web_home) as opened:
        return sorted({one.identity for one in opened.people.list() if one.identity is not None})


def test_three_clusters_are_named_by_keys_alone(serving: Server, web_home: Path, scanned: str) -> None:
    with browser_page(serving, f"/galleries/{scanned}/people") as page:
        expect(page.locator(".row .name").first).to_be_visible()
        page.keyboard.press("n")
        for name in ("Ada", "Béla", "<b>Zoë</b> & co"):
            page.keyboard.type(name)
            page.keyboard.press("Enter")
            expect(page.locator("#said")).to_contain_text(name)
        expect(page.locator(".row b")).to_have_count(0)
    assert names(web_home, scanned) == sorted(["Ada", "Béla", "<b>Zoë</b> & co"])


def test_a_decision_is_taken_back_by_a_key(serving: Server, web_home: Path, scanned: str) -> None:
    with browser_page(serving, f"/galleries/{scanned}/people") as page:
        page.locator(".row .naming").first.fill("Ada")
        page.keyboard.press("Enter")
        expect(page.locator("#said")).to_contain_text("Ada")
        page.keyboard.press("Escape")
        page.keyboard.press("u")
        expect(page.locator("#said")).to_contain_text("Taken back")
        expect(page.locator(".row .name", has_text="Ada")).to_have_count(0)
    assert names(web_home, scanned) == []


def test_chosen_clusters_become_one_person(serving: Server, web_home: Path, scanned: str) -> None:
    with browser_page(serving, f"/galleries/{scanned}/people") as page:
        expect(page.locator(".row .naming").first).to_be_visible()
        before = page.locator("#rows .row").count()
        for at in (0, 1):
            page.locator(".row input[type=checkbox]").nth(at).check()
        page.locator("#joined").fill("Ada")
        page.get_by_role("button", name="They are one person").click()
        expect(page.locator(".row .name", has_text="Ada")).to_have_count(1)
        expect(page.locator("#rows .row")).to_have_count(before - 1)
    assert names(web_home, scanned) == ["Ada"]


def test_faces_are_chosen_by_keys_and_split_off_and_brought_back(serving: Server, web_home: Path, scanned: str) -> None:
    with identity.open_gallery(scanned, home=web_home) as opened:
        before = [len(group.samples) for group in opened.clusters.groups()]
        who = f"c{opened.clusters.groups()[0].id}"
    with browser_page(serving, f"/galleries/{scanned}/person?who={who}") as page:
        expect(page.locator(".face")).to_have_count(before[0])
        page.keyboard.press("End")
        page.keyboard.press(" ")
        page.keyboard.press("Shift+ArrowLeft")
        expect(page.locator("#chosen")).to_have_text("2 chosen")
        page.keyboard.press("s")
        expect(page.locator(".face")).to_have_count(before[0] - 2)
        page.keyboard.press("u")
        expect(page.locator(".face")).to_have_count(before[0])
    with identity.open_gallery(scanned, home=web_home) as opened:
        assert [len(group.samples) for group in opened.clusters.groups()] == before


def test_a_person_is_forgotten_only_after_a_second_word(serving: Server, web_home: Path, scanned: str) -> None:
    with identity.open_gallery(scanned, home=web_home) as opened:
        opened.people.name("c1", "Ada")
    with browser_page(serving, f"/galleries/{scanned}/person?who=Ada") as page:
        page.locator("summary").click()
        page.locator("#forget").click()
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("dialog[open]")).to_have_count(0)
        assert names(web_home, scanned) == ["Ada"]
        page.locator("#forget").click()
        page.get_by_role("button", name="Forget", exact=True).click()
        page.wait_for_url(re.compile("/people$"))
        expect(page.locator(".row .name", has_text="Ada")).to_have_count(0)
    assert names(web_home, scanned) == []


def test_of_two_browsers_the_second_is_told_and_loses_nothing(serving: Server, web_home: Path, scanned: str) -> None:
    with browser_page(serving, f"/galleries/{scanned}/people") as page:
        expect(page.locator(".row .naming").first).to_be_visible()
        with identity.open_gallery(scanned, home=web_home) as opened:
            opened.people.name("c1", "Grace")
        page.locator(".row .naming").first.fill("Ada")
        page.keyboard.press("Enter")
        expect(page.locator("#problem")).to_contain_text("changed")
        expect(page.locator(".row .name", has_text="Grace")).to_have_count(1)
    assert names(web_home, scanned) == ["Grace"]


def test_questions_are_answered_by_keys(serving: Server, web_home: Path, scanned: str) -> None:
    with identity.open_gallery(scanned, home=web_home) as opened:
        first = opened.clusters.groups()[0]
        opened.samples.relabel(first.samples[:1].tolist(), "Ada")
    with browser_page(serving, f"/galleries/{scanned}/review") as page:
        expect(page.locator("#words")).to_contain_text("Ada")
        page.locator("#samples button").first.click()
        page.keyboard.press("y")
        expect(page.locator("#empty")).to_contain_text("last question")
    with identity.open_gallery(scanned, home=web_home) as opened:
        ada = opened.people.show("Ada").samples
        assert [one.sample.identity for one in ada] == ["Ada"] * (len(first.samples) - 1)


def whos_aside(web_home: Path, gallery: str) -> list[int | None]:
    with identity.open_gallery(gallery, home=web_home) as opened:
        return sorted(one.cluster for one in opened.people.list(aside=True))


def test_clusters_are_set_aside_by_a_key_and_brought_back(serving: Server, web_home: Path, scanned: str) -> None:
    with browser_page(serving, f"/galleries/{scanned}/people") as page:
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


def test_single_faces_and_then_all_are_set_aside(serving: Server, web_home: Path, scanned: str) -> None:
    with browser_page(serving, f"/galleries/{scanned}/person?who=c1") as page:
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


def test_a_photograph_that_is_gone_shows_the_face_that_was_kept(serving: Server, scanned: str) -> None:
    with browser_page(serving, f"/galleries/{scanned}/person?who=c1") as page:
        page.locator(".face").first.click()
        page.keyboard.press("o")
        expect(page.locator("dialog .box.own")).to_have_count(1)
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
