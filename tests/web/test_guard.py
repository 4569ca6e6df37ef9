"""Nobody is let in who does not know the token, whom another site sends, or who means another host."""

from __future__ import annotations

import httpx
import pytest
from served import TOKEN, Server

HEALTH = "/api/v1/health"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def ask(serving: Server, path: str = HEALTH, **headers: str) -> httpx.Response:
    """A request with exactly these headers."""
    return httpx.get(serving.origin + path, headers=headers, trust_env=False)


def test_whoever_has_no_token_learns_nothing(serving: Server) -> None:
    for path in (HEALTH, "/", "/nowhere", "/api/v1/openapi.json", "/?token=wrong", "/docs"):
        answered = ask(serving, path)
        assert answered.status_code == 401
        assert answered.headers["content-type"] == "application/problem+json"
    assert ask(serving, Authorization="Bearer wrong").status_code == 401
    assert ask(serving, Cookie=f"identity-{serving.port}=wrong").status_code == 401
    assert ask(serving, Cookie="==;;=\x7f").status_code in (400, 401)


def test_the_printed_address_becomes_a_cookie_that_opens(serving: Server) -> None:
    with httpx.Client(base_url=serving.origin, trust_env=False) as browser:
        welcome = browser.get(f"/?token={TOKEN}")
        assert (welcome.status_code, welcome.headers["location"]) == (303, "/")
        said = welcome.headers["set-cookie"]
        assert "HttpOnly" in said
        assert "SameSite=Strict" in said
        assert browser.get(HEALTH).json()["status"] == "ok"


FOREIGN_HOSTS = ["evil.example", "evil.example:{port}", "127.0.0.1:1", "localhost.evil.example:{port}", ""]
FOREIGN_PAGES = [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"}]
NO_FILES = ["/api/v1/", "/api", "/static/", "/static/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd"]


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_name_that_is_not_ours_is_refused_even_with_the_token(serving: Server, host: str) -> None:
    assert ask(serving, Host=host.format(port=serving.port), **BEARER).status_code in (400, 421)


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1:{port}", "[::1]:{port}"])
def test_our_own_names_are_ours(serving: Server, host: str) -> None:
    assert ask(serving, Host=host.format(port=serving.port), **BEARER).status_code == 200


@pytest.mark.parametrize("headers", [*FOREIGN_PAGES, {"Sec-Fetch-Site": "cross-site"}])
def test_a_page_of_another_site_is_refused_even_with_the_token(serving: Server, headers: dict[str, str]) -> None:
    assert ask(serving, **headers, **BEARER).status_code == 403
    sent = httpx.post(serving.origin + HEALTH, headers={**headers, **BEARER}, trust_env=False)
    assert sent.status_code == 403


def test_our_own_page_is_let_in(serving: Server) -> None:
    own = {"Origin": serving.origin, "Sec-Fetch-Site": "same-origin"}
    assert ask(serving, **own, **BEARER).status_code == 200


def test_every_answer_forbids_scripts_of_others_and_frames(serving: Server) -> None:
    for answered in (ask(serving), ask(serving, **BEARER), ask(serving, "/nowhere", **BEARER)):
        policy = answered.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answered.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", NO_FILES)
def test_no_folder_is_listed_and_no_file_is_given(serving: Server, path: str) -> None:
    answered = ask(serving, path, **BEARER)
    assert answered.status_code == 404
    assert answered.json()["type"].startswith("urn:identity:problem:")
