"""The pages Gallery and Jobs in a real browser: thresholds, runs, their history, enrolment, and forgetting."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import Browse
from served import Server, scans

import identity

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright").expect
_NUMBERS = count()


@pytest.fixture
def named(web_home: Path, scanned: str) -> str:
    """The gallery of scans, of which a cluster was named."""
    with identity.open_gallery(scanned, home=web_home) as opened:
        opened.people.name(f"c{opened.clusters.groups()[0].id}", "Ada")
    return scanned


@pytest.fixture
def bare(web_home: Path) -> str:
    """A gallery of nothing."""
    name = f"bare-{next(_NUMBERS)}"
    with identity.open_home(home=web_home) as home:
        home.create_gallery(name)
    return name


@pytest.fixture(scope="module")
def much(allowed: Path) -> Path:
    """As many scans as keep a job busy for a while."""
    scans(allowed / "much", of=tuple(range(10)), each=150)
    return allowed / "much"


def opened_fold(page: Page, said: str) -> None:
    page.locator("summary", has_text=said).click()


def test_thresholds_are_listed_and_found_by_name(browse: Browse, serving: Server) -> None:
    with browse(serving, "/galleries/digits") as page:
        rows = page.locator("#table tbody tr")
        expect(rows).to_have_count(10)
        expect(page.locator("#promise")).to_contain_text("refused with probability at most 0.01")
        page.get_by_label("Find an identity").fill("7")
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text("626")


def test_setting_the_thresholds_shows_the_new_promise(browse: Browse, serving: Server, scanned: str) -> None:
    with browse(serving, f"/galleries/{scanned}") as page:
        expect(page.locator("#promise")).to_contain_text("no thresholds yet")
        opened_fold(page, "Set the thresholds anew")
        page.get_by_role("button", name="Set the thresholds").click()
        expect(page.get_by_role("alert")).to_contain_text("calibration")
        page.get_by_label("Rule").select_option("chosen")
        expect(page.locator("#about-rule")).to_contain_text("no error rate is known")
        page.get_by_label("Cosine distance, 0 to 2").fill("0.2")
        page.get_by_role("button", name="Set the thresholds").click()
        expect(page.locator("#promise")).to_contain_text("0.200 was chosen by you")


def test_a_run_is_seen_before_it_is_made_and_undone_after(
    browse: Browse, serving: Server, web_home: Path, scanned: str
) -> None:
    with browse(serving, f"/galleries/{scanned}") as page:
        opened_fold(page, "More")
        page.get_by_label("eps, a distance").fill("0.001")
        page.get_by_label("Everything anew").check()
        page.get_by_role("button", name="See what would change").click()
        expect(page.locator("#plan")).to_contain_text("This would change:")
        assert clusters(web_home, scanned) > 0
        page.get_by_role("button", name="Apply").click()
        expect(page.locator("#plan")).to_contain_text("is in force: 0 clusters")
        assert clusters(web_home, scanned) == 0
        page.get_by_role("button", name="Undo run").click()
        expect(page.locator("#said")).to_contain_text("is undone")
        expect(page.locator("#past tr.undone")).to_have_count(1)
    assert clusters(web_home, scanned) > 0


def clusters(web_home: Path, gallery: str) -> int:
    with identity.open_gallery(gallery, home=web_home) as opened:
        return len(opened.clusters.groups())


def test_a_decision_is_undone_in_the_history(browse: Browse, serving: Server, web_home: Path, named: str) -> None:
    with browse(serving, f"/galleries/{named}") as page:
        expect(page.locator("#past")).to_contain_text("Ada")
        page.get_by_role("button", name="Undo decision").click()
        expect(page.locator("#said")).to_contain_text("is undone")
    assert names(web_home, named) == set()


def names(web_home: Path, gallery: str) -> set[str]:
    with identity.open_gallery(gallery, home=web_home) as opened:
        return {one.identity for one in opened.people.list() if one.identity is not None}


def test_nobody_is_forgotten_before_it_is_confirmed(
    browse: Browse, serving: Server, web_home: Path, named: str
) -> None:
    with browse(serving, f"/galleries/{named}") as page:
        for button, left in (("Cancel", {"Ada"}), ("Forget for good", set())):
            page.locator("#forgetting input").fill("Ada")
            page.locator("#forgetting button").click()
            expect(page.get_by_role("dialog")).to_contain_text("cannot be taken back")
            page.get_by_role("button", name=button).click()
            expect(page.get_by_role("dialog")).to_have_count(0)
            if not left:
                expect(page.locator("#said")).to_contain_text("Ada is forgotten")
            assert names(web_home, named) == left


def test_a_plot_is_drawn_when_somebody_asks(browse: Browse, serving: Server) -> None:
    with browse(serving, "/galleries/digits") as page:
        page.get_by_role("button", name="Draw the thresholds").click()
        expect(page.get_by_alt_text("The thresholds among distances")).to_be_visible()


def test_uploads_become_a_job_that_is_watched_to_its_end(
    browse: Browse, serving: Server, bare: str, pictures: list[Path], tmp_path: Path
) -> None:
    broken = tmp_path / "notes.png"
    broken.write_bytes(b"no picture")
    with browse(serving, f"/galleries/{bare}") as page:
        page.get_by_label("Images", exact=True).set_input_files([str(path) for path in (*pictures[:6], broken)])
        page.get_by_label("Identity of all of them").fill("zero")
        page.get_by_role("button", name="Add them").click()
        page.get_by_role("link", name="Watch the job").click()
        job = page.locator(".job", has_text=bare)
        expect(job.locator(".tag")).to_have_text("done")
        expect(job).to_contain_text("6 samples enrolled")
        expect(job).to_contain_text("notes.png is not an image that can be read")
        job.get_by_role("button", name="Forget").click()
        page.get_by_role("button", name="Forget the job").click()
        expect(job).to_have_count(0)


def test_a_job_is_cancelled_and_its_rest_done_later(browse: Browse, serving: Server, bare: str, much: Path) -> None:
    with browse(serving, f"/galleries/{bare}") as page:
        page.get_by_role("combobox", name="Folder").fill(str(much))
        page.get_by_role("button", name="Add the folder").click()
        page.get_by_role("link", name="Watch the job").click()
        job = page.locator(".job", has_text=bare)
        job.get_by_role("button", name="Cancel").click()
        expect(job.locator(".tag")).to_have_text("cancelled")
        job.get_by_role("button", name="Do the rest").click()
        expect(job.locator(".tag")).to_have_text("done", timeout=120_000)
        expect(job).to_contain_text("1,500 of 1,500 images")
