"""Decisions: each is of what its maker saw, two people cannot overwrite each other, and none is made twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from served import Server
from test_questions import check


def seen(client: httpx.Client, gallery: str) -> str:
    """The version of a gallery that somebody looks at."""
    return client.get(f"/galleries/{gallery}/clusters").headers["etag"]


def decide(client: httpx.Client, gallery: str, verb: str, tag: str | None = None, **body: object) -> httpx.Response:
    headers = {"If-Match": tag or seen(client, gallery)}
    return client.post(f"/galleries/{gallery}/{verb}", json=body, headers=headers)


def clusters(client: httpx.Client, gallery: str) -> dict[str, dict]:
    found = check(client.get(f"/galleries/{gallery}/clusters"))["clusters"]
    return {f"c{one['id']}": one for one in found}


def test_the_verbs_of_people_work_and_can_be_seen(client: httpx.Client, scanned: str) -> None:
    first, second, *_ = clusters(client, scanned)
    made = check(decide(client, scanned, "people/name", who=first, name="zero"))
    assert [one["identity"] for one in made["clusters"] if f"c{one['id']}" == first] == ["zero"]
    check(decide(client, scanned, "people/confirm", who="zero"))
    check(decide(client, scanned, "people/reject", who=second, name="zero"))
    check(decide(client, scanned, "people/split", who="zero", samples=clusters(client, scanned)[first]["samples"][:1]))
    assert {one["identity"] for one in clusters(client, scanned).values()} > {"zero"}
    check(decide(client, scanned, "people/merge", who=[*clusters(client, scanned)], name="all"))
    assert [one["identity"] for one in clusters(client, scanned).values()] == ["all"]


def test_a_run_is_planned_made_and_taken_back(client: httpx.Client, scanned: str) -> None:
    before = clusters(client, scanned)
    wanted = {"eps": 0.1, "min_samples": 2, "full": True}
    planned = check(client.post(f"/galleries/{scanned}/clusters/plan", json=wanted))
    assert (planned["run"], clusters(client, scanned)) == (None, before)
    made = check(decide(client, scanned, "clusters/run", **wanted))
    assert made["n_clusters"] == planned["n_clusters"]
    check(decide(client, scanned, "clusters/undo"))
    assert clusters(client, scanned) == before
    assert check(client.get(f"/galleries/{scanned}/clusters/history"))["runs"][-1]["undone_at"] is not None


def test_decisions_are_listed_and_taken_back(client: httpx.Client, scanned: str) -> None:
    before, path = clusters(client, scanned), f"/galleries/{scanned}/decisions"
    check(decide(client, scanned, "people/name", who="c1", name="Ada"))
    check(decide(client, scanned, "people/split", who="Ada", samples=before["c1"]["samples"][:1]))
    first, second = check(client.get(path))["decisions"]
    assert (first["decision"], first["clusters"], first["identities"]) == ("name", [1], ["Ada"])
    refused = decide(client, scanned, "people/undo", decision=first["id"])
    assert (refused.status_code, refused.json()["cure"]) == (422, f"undo decision {second['id']} first")
    stale = seen(client, scanned)
    assert check(decide(client, scanned, "people/undo", stale, decision=None))["undone"]["id"] == second["id"]
    assert decide(client, scanned, "people/undo", stale).status_code == 412
    check(decide(client, scanned, "people/undo", decision=first["id"]))
    assert clusters(client, scanned) == before
    assert all(one["undone_at"] for one in check(client.get(path))["decisions"])
    assert decide(client, scanned, "people/undo").status_code == 404


def test_samples_get_names_lose_them_and_are_forgotten(client: httpx.Client, scanned: str) -> None:
    ids = [one["id"] for one in client.get(f"/galleries/{scanned}/samples").json()["samples"]]
    assert check(decide(client, scanned, "samples/relabel", samples=ids[:3], identity="Ada"))["changed"] == 3
    assert check(decide(client, scanned, "people/forget", identity="Ada"))["changed"] == 3
    assert check(decide(client, scanned, "samples/remove", samples=ids[3:4]))["changed"] == 1
    assert len(client.get(f"/galleries/{scanned}/samples").json()["samples"]) == len(ids) - 4
    assert decide(client, scanned, "people/forget", identity="Ada").status_code == 404


def test_thresholds_are_set(client: httpx.Client, scanned: str, pictures: list[Path]) -> None:
    made = check(decide(client, scanned, "calibrate", rule="chosen", threshold=0.3))
    assert made["rule"] == "chosen"


def test_a_decision_says_what_it_is_about(client: httpx.Client, scanned: str) -> None:
    answered = client.post(f"/galleries/{scanned}/people/name", json={"who": "c1", "name": "Ada"})
    assert answered.status_code == 428
    assert decide(client, scanned, "people/name", "*", who="c1", name="Ada").status_code == 200


def test_whoever_decides_second_is_told_what_the_first_did(serving: Server, scanned: str) -> None:
    with serving.client() as one, serving.client() as other:
        tag, same = seen(one, scanned), seen(other, scanned)
        assert decide(one, scanned, "people/name", tag, who="c1", name="Ada").status_code == 200
        late = decide(other, scanned, "people/name", same, who="c1", name="Grace")
        assert late.status_code == 412
        assert any("Ada" in line for line in late.json()["changed"])
        assert [one["identity"] for name, one in clusters(one, scanned).items() if name == "c1"] == ["Ada"]


def test_of_two_who_decide_at_once_one_is_told(serving: Server, scanned: str) -> None:
    with serving.client() as client, ThreadPoolExecutor(2) as people:
        tag = seen(client, scanned)
        names = ("Ada", "Grace")
        answers = list(people.map(lambda name: decide(client, scanned, "people/name", tag, who="c1", name=name), names))
        assert sorted(one.status_code for one in answers) == [200, 412]
        (won,) = (name for name, one in zip(names, answers, strict=True) if one.status_code == 200)
        assert clusters(client, scanned)["c1"]["identity"] == won


def test_a_decision_that_is_sent_again_is_made_once(client: httpx.Client, scanned: str) -> None:
    path, headers = f"/galleries/{scanned}/people/name", {"If-Match": seen(client, scanned), "Idempotency-Key": "k-1"}
    first = client.post(path, json={"who": "c1", "name": "Ada"}, headers=headers)
    again = client.post(path, json={"who": "c1", "name": "Ada"}, headers=headers)
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert again.headers["etag"] == first.headers["etag"] == seen(client, scanned)
    assert client.post(path, json={"who": "c2", "name": "Ada"}, headers=headers).status_code == 422


WRONG = [{}, {"who": "c1"}, {"who": "c1", "name": ""}, {"who": "c1", "name": "a", "more": 1}, []]


@pytest.mark.parametrize("body", WRONG)
def test_a_request_that_says_something_else_changes_nothing(client: httpx.Client, scanned: str, body: object) -> None:
    tag = seen(client, scanned)
    answered = client.post(f"/galleries/{scanned}/people/name", json=body, headers={"If-Match": tag})
    assert answered.status_code == 422
    assert seen(client, scanned) == tag
