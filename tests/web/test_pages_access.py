"""Every page, wide and narrow, light and dark: axe finds nothing serious, nothing lies beyond the window's edge."""

from __future__ import annotations

from typing import Any

import pytest
from browser import Browse
from served import Server

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
SERIOUS = {"serious", "critical"}
OF_A_GALLERY = ["", "/people", "/person?who=c1", "/person?who=Ada", "/review", "/ask"]
WINDOWS = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 360, "height": 740}}


@pytest.fixture(scope="module")
def named(web_home: Any, pictures: Any) -> str:
    import identity

    with identity.open_home(home=web_home) as home:
        home.create_gallery("looked-at")
        opened = home.open_gallery("looked-at")
        opened.enroll(pictures)
        opened.clusters.run(eps=0.35, min_samples=2)
        first = opened.clusters.groups()[0]
        opened.samples.relabel(first.samples[:2].tolist(), "Ada")
    return "looked-at"


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_keeps_anybody_from_a_page(
    browse: Browse, serving: Server, named: str, window: str, scheme: str
) -> None:
    found: dict[str, list[str]] = {}
    with browse(serving, viewport=WINDOWS[window], color_scheme=scheme, bypass_csp=True) as page:
        for path in ["/", "/jobs", "/docs", *(f"/galleries/{named}{part}" for part in OF_A_GALLERY)]:
            page.goto(serving.origin + path)
            page.wait_for_load_state("networkidle")
            broken = axe.Axe().run(page).response["violations"]
            found[path] = [f"{one['id']}: {one['nodes'][0]['html']}" for one in broken if one["impact"] in SERIOUS]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found[path].append("wider than the window")
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
