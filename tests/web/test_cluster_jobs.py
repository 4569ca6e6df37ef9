"""A clustering as a job: of the version that somebody saw, ended on a wish, its report without a name."""

from __future__ import annotations

from pathlib import Path

import httpx
from served import Server
from test_deciding import clusters, seen
from test_questions import check
from working import begun_job, wait

ASKED = {"eps": 0.1, "min_samples": 2, "full": True}


def post(client: httpx.Client, gallery: str, **headers: str) -> httpx.Response:
    return client.post(f"/galleries/{gallery}/clusters/jobs", json=ASKED, headers=headers)


def test_a_job_does_what_a_run_does(client: httpx.Client, scanned: str) -> None:
    planned = client.post(f"/galleries/{scanned}/clusters/plan", json=ASKED).json()
    begun = post(client, scanned, **{"If-Match": seen(client, scanned)})
    assert (begun.status_code, begun.json()["work"]) == (202, "cluster")
    over = wait(client, begun.json())
    assert over["state"] == "done", over
    report = over["report"]
    assert {**report, "run": None} == {key: planned[key] for key in report}
    runs = client.get(f"/galleries/{scanned}/clusters/history").json()["runs"]
    assert (runs[-1]["id"], len(clusters(client, scanned))) == (report["run"], report["n_clusters"])
    check(client.get(f"/jobs/{over['id']}"))


def test_a_job_is_of_the_version_that_was_seen(client: httpx.Client, scanned: str) -> None:
    assert post(client, scanned).status_code == 428
    tag = seen(client, scanned)
    body = {"who": "c1", "name": "Ada"}
    client.post(f"/galleries/{scanned}/people/name", json=body, headers={"If-Match": tag})
    late = post(client, scanned, **{"If-Match": tag})
    assert late.status_code == 412
    assert any("Ada" in line for line in late.json()["changed"])


def test_a_job_is_begun_once(client: httpx.Client, scanned: str) -> None:
    headers = {"If-Match": seen(client, scanned), "Idempotency-Key": "cluster-once"}
    first, again = (post(client, scanned, **headers).json() for _ in range(2))
    assert first["id"] == again["id"]
    assert wait(client, first)["state"] == "done"


def test_a_job_that_waited_while_somebody_decided_does_nothing(serving: Server, scanned: str, many: Path) -> None:
    with serving.client() as client:
        first = begun_job(serving, scanned, many)
        waiting = post(client, scanned, **{"If-Match": seen(client, scanned)}).json()
        body = {"who": "c1", "name": "Ada"}
        client.post(f"/galleries/{scanned}/people/name", json=body, headers={"If-Match": "*"})
        client.post(f"/jobs/{first['id']}/cancel")
        over = wait(client, waiting)
        assert (over["state"], over["problem"]["status"]) == ("failed", 412)
        assert clusters(client, scanned)["c1"]["identity"] == "Ada"


def test_a_job_that_waits_is_cancelled_at_once(serving: Server, scanned: str, many: Path) -> None:
    with serving.client() as client:
        first = begun_job(serving, scanned, many)
        waiting = post(client, scanned, **{"If-Match": "*"}).json()
        assert client.post(f"/jobs/{waiting['id']}/cancel").json()["state"] == "cancelled"
        client.post(f"/jobs/{first['id']}/cancel")
        wait(client, first)
        assert client.get(f"/jobs/{waiting['id']}").json()["state"] == "cancelled"
