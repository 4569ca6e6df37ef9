"""Enrolment as a job: watched, ended, taken up again, and never beyond the folders that were allowed."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import httpx
import pytest
from served import Server, upload
from test_questions import check
from working import begun_job, wait

import identity

_NUMBERS = count()


@pytest.fixture
def empty(web_home: Path) -> str:
    name = f"empty-{next(_NUMBERS)}"
    with identity.open_home(home=web_home) as home:
        home.create_gallery(name)
    return name


def test_uploads_are_enrolled_and_only_the_gallery_keeps_them(
    client: httpx.Client, web_home: Path, empty: str, pictures: list[Path]
) -> None:
    begun = client.post(f"/galleries/{empty}/enroll", files=upload(*pictures[:6]), data={"label": "zero"})
    assert begun.status_code == 202
    over = wait(client, begun.json())
    assert (over["state"], over["done"], over["report"]["gallery_samples"]) == ("done", 6, 6)
    found = client.get(f"/galleries/{empty}/samples").json()["samples"]
    assert {one["identity"] for one in found} == {"zero"}
    assert {one["source"].rpartition("/")[2] for one in found} == {path.name for path in pictures[:6]}
    assert not list((web_home / "jobs" / over["id"]).rglob("*.image"))
    again = wait(client, client.post(f"/galleries/{empty}/enroll", files=upload(*pictures[:6])).json())
    assert again["report"]["duplicates"] == 6
    check(client.get("/jobs"))


def test_what_lies_below_an_allowed_folder_is_enrolled(client: httpx.Client, empty: str, allowed: Path) -> None:
    for path in ("album", str(allowed / "album")):
        begun = client.post(f"/galleries/{empty}/enroll-paths", json={"paths": [path], "labels": "none"})
        assert wait(client, begun.json())["report"]["images"] == 8


OUTSIDE = ["..", "/etc/passwd", "album/../..", "album/../../home", "./../x", "link", "link/passwd", "a\0b", "~", "no"]


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_spelling_leads_out_of_the_folder(client: httpx.Client, empty: str, allowed: Path, path: str) -> None:
    link = allowed / "link"
    if not link.is_symlink():
        link.symlink_to("/etc")
    answered = client.post(f"/galleries/{empty}/enroll-paths", json={"paths": [path]})
    assert answered.status_code == 403
    assert client.get(f"/galleries/{empty}/samples").json()["samples"] == []


def test_a_job_that_cannot_be_done_says_why(client: httpx.Client, empty: str) -> None:
    files = [("images", ("a.png", b"none", "image/png"))]
    over = wait(client, client.post(f"/galleries/{empty}/enroll", files=files).json())
    assert (over["state"], over["report"]["failed"][0]["source"].rpartition("/")[2]) == ("done", "a.png")
    assert client.get("/jobs/0123456789abcdef").status_code == 404
    assert client.post(f"/jobs/{over['id']}/resume").status_code == 422
    assert client.delete(f"/jobs/{over['id']}").status_code == 200
    assert client.get(f"/jobs/{over['id']}").status_code == 404


def test_a_job_ends_where_somebody_cancels_it(serving: Server, empty: str, many: Path) -> None:
    job = begun_job(serving, empty, many)
    with serving.client() as client:
        client.post(f"/jobs/{job['id']}/cancel")
        over = wait(client, job)
        assert over["state"] == "cancelled"
        written = len(client.get(f"/galleries/{empty}/samples?limit=1000").json()["samples"])
        resumed = wait(client, client.post(f"/jobs/{job['id']}/resume").json())
        assert resumed["report"]["duplicates"] >= min(written, 1)
