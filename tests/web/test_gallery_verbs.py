"""Galleries are made, calibrated and deleted over HTTP as the commands do it, and never by accident."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import httpx
import pytest
from served import Server, scans, upload
from test_deciding import decide, seen
from test_questions import check
from working import begun_job, wait

_NUMBERS = count()


def create(client: httpx.Client, name: str, key: str | None = None, **body: str) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post("/galleries", json={"name": name, **body}, headers=headers)


@pytest.fixture
def made(client: httpx.Client) -> str:
    name = f"made-{next(_NUMBERS)}"
    assert create(client, name).status_code == 201
    return name


def names(client: httpx.Client) -> set[str]:
    return {one["gallery"] for one in check(client.get("/galleries"))["galleries"]}


def test_a_gallery_is_made_filled_and_deleted(client: httpx.Client, made: str, pictures: list[Path]) -> None:
    assert check(client.get(f"/galleries/{made}"))["model"] == "digits"
    job = client.post(f"/galleries/{made}/enroll", files=upload(*pictures[:3])).json()
    assert wait(client, job)["state"] == "done"
    gone = client.delete(f"/galleries/{made}", headers={"If-Match": seen(client, made)})
    assert check(gone)["changed"] == 3
    assert made not in names(client)
    assert client.get(f"/galleries/{made}").status_code == 404


def test_a_gallery_is_made_once(client: httpx.Client) -> None:
    first, again = (create(client, "made once", "make-once") for _ in range(2))
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert first.headers["etag"] == seen(client, "made once")
    taken = create(client, "made once")
    assert (taken.status_code, "choose another name" in taken.json()["cure"]) == (422, True)


def test_what_cannot_be_a_gallery_is_refused(client: httpx.Client) -> None:
    assert create(client, "../x").status_code == 422
    assert create(client, "of nothing", model="no such model").status_code == 404
    assert "of nothing" not in names(client)


def test_a_gallery_is_deleted_only_as_it_was_seen(client: httpx.Client, scanned: str) -> None:
    tag = seen(client, scanned)
    assert client.delete(f"/galleries/{scanned}").status_code == 428
    decide(client, scanned, "people/name", who="c1", name="Ada")
    late = client.delete(f"/galleries/{scanned}", headers={"If-Match": tag})
    assert late.status_code == 412
    assert any("Ada" in line for line in late.json()["changed"])
    assert scanned in names(client)


def test_a_deletion_that_is_sent_again_is_answered_as_before(client: httpx.Client, made: str) -> None:
    headers = {"If-Match": seen(client, made), "Idempotency-Key": "delete-once"}
    first, again = (client.delete(f"/galleries/{made}", headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)


def test_a_gallery_is_not_deleted_under_a_job(serving: Server, made: str, many: Path) -> None:
    job = begun_job(serving, made, many)
    with serving.client() as client:
        refused = client.delete(f"/galleries/{made}", headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["cure"]) == (422, "cancel it first")
        client.post(f"/jobs/{job['id']}/cancel")
        wait(client, job)
        assert client.delete(f"/galleries/{made}", headers={"If-Match": "*"}).status_code == 200


def test_thresholds_are_lowered_against_strangers(client: httpx.Client, made: str, allowed: Path) -> None:
    if not (allowed / "known").exists():
        scans(allowed / "known" / "three", of=(3,), each=150)
        scans(allowed / "strangers", of=(8,), each=100)
        (allowed / "broken").mkdir()
        (allowed / "broken" / "a.png").write_bytes(b"no image")
    asked = {"paths": ["known"], "labels": "folders", "calibration_fraction": 0.7}
    assert wait(client, client.post(f"/galleries/{made}/enroll-paths", json=asked).json())["state"] == "done"
    wanted = {"rule": "target-far", "target_far": 0.5}
    outside = decide(client, made, "calibrate", negatives=["/etc"], **wanted)
    broken = decide(client, made, "calibrate", negatives=["strangers", "broken"], **wanted)
    assert (outside.status_code, broken.status_code) == (403, 422)
    assert client.get(f"/galleries/{made}/calibration").status_code == 409
    set_ = check(decide(client, made, "calibrate", negatives=["strangers"], **wanted))
    assert (set_["rule"], set_["identities"][0]["identity"]) == ("target-far", "three")
