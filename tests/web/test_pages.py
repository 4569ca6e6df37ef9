"""The pages are there, say what they are about, and name what is missing."""

from __future__ import annotations

import httpx
import pytest
from served import TOKEN, Server

OF_A_GALLERY = ("", "/people", "/review", "/ask")
PAGES = ["/", "/jobs", "/docs", *(f"/galleries/digits{one}" for one in OF_A_GALLERY)]


def look(serving: Server, path: str) -> httpx.Response:
    return httpx.get(serving.origin + path, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_without_inline_script_or_style(serving: Server, path: str) -> None:
    answered = look(serving, path)
    assert (answered.status_code, answered.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert " style=" not in answered.text
    assert "<style" not in answered.text
    assert all("src=" in one.partition(">")[0] for one in answered.text.split("<script")[1:])


def test_the_list_of_addresses_names_each_with_what_it_does(serving: Server) -> None:
    text = look(serving, "/docs").text
    assert "POST /api/v1/galleries/{gallery}/query" in text
    assert "Say which identity each image shows" in text


def test_a_page_about_a_gallery_that_is_not_there_is_not_there(serving: Server) -> None:
    assert look(serving, "/galleries/nowhere/ask").status_code == 404
