"""The pages work on another machine of the house, too, where the browser trusts the connection less."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import ELSEWHERE, Browse
from served import TOKEN, server
from test_pages_people import names

expect = pytest.importorskip("playwright.sync_api", reason="needs playwright").expect


def test_a_cluster_is_named_from_another_machine(browse: Browse, web_home: Path, scanned: str) -> None:
    with server(web_home, "--name", ELSEWHERE) as serving, browse(serving) as page:
        address = f"http://{ELSEWHERE}:{serving.port}"
        page.goto(f"{address}/?token={TOKEN}")
        page.goto(f"{address}/galleries/{scanned}/people")
        assert not page.evaluate("isSecureContext")
        page.locator(".row .naming").first.fill("Ada")
        page.keyboard.press("Enter")
        expect(page.locator("#said")).to_contain_text("Ada")
    assert names(web_home, scanned) == ["Ada"]
