"""A real browser in front of a served home, as people use it. Debian's own chromium; none is downloaded."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from served import TOKEN, Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Browse = Callable[..., AbstractContextManager["Page"]]  # of a server, an address, and options
NAMES = ("chromium", "chromium-browser", "google-chrome")
ELSEWHERE = "faces.example"  # a name of this machine that the browser does not take for its own
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"]
EXPECTED = (  # not the pages' fault: a problem as an answer, what is not in the cache, a connection without TLS
    "the server responded with a status of",
    "ERR_CACHE_MISS",
    "Cross-Origin-Opener-Policy header has been ignored",
)
PATIENCE_MS = 30_000  # the machine may be busy; a test waits for what it wants to see, never for a time
WINDOW = {"width": 1280, "height": 900}


def found_browser() -> str:
    """The browser of this machine; without one the test is skipped."""
    for name in NAMES:
        if (path := shutil.which(name)) is not None:
            return path
    pytest.skip("needs a browser: apt install chromium")


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser without any page."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    path = found_browser()
    playwright.expect.set_options(timeout=PATIENCE_MS)
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def browse() -> Iterator[Browse]:
    """Opens pages in one browser for all tests of a file; no page knows anything of another."""
    with browser() as opened:
        yield partial(browser_page, opened)


@contextmanager
def browser_page(chromium: Browser, serving: Server, path: str = "/", **context: Any) -> Iterator[Page]:
    """A page that opened the printed address, then `path`.

    `context` are options of Playwright's `new_context`, such as `viewport` or `color_scheme`. Whatever the browser
    itself calls an error (a script that throws, or that the security policy forbids) fails the test at the end.
    """
    opened = chromium.new_context(**{"viewport": WINDOW, **context})
    try:
        page = opened.new_page()
        page.set_default_timeout(PATIENCE_MS)
        wrong = _watched(page)
        page.goto(f"{serving.origin}/?token={TOKEN}")
        page.goto(serving.origin + path)
        yield page
        assert wrong == [], wrong
    finally:
        opened.close()


def _watched(page: Page) -> list[str]:
    """What the browser will call an error; answers that are problems are shown by the pages, and are none."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.extend(_errors(said.type, said.text)))
    return wrong


def _errors(kind: str, text: str) -> list[str]:
    return [text] if kind == "error" and not any(known in text for known in EXPECTED) else []
