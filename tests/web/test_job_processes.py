"""A job is done in a process of its own: whatever ends it or its server, what was written stays and nothing goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from served import Server, server, upload
from working import begun_job, command_of, job_process, until, wait

import identity


@pytest.fixture
def own_home(new_home: Callable[[Path], Path], tmp_path: Path) -> Path:
    """A home with an empty gallery, where a server may be killed."""
    home = new_home(tmp_path / "home")
    with identity.open_home(home=home) as opened:
        opened.create_gallery("own")
    return home


@pytest.fixture
def own(own_home: Path, many: Path) -> Iterator[Server]:
    with server(own_home, "--folder", str(many)) as running:
        yield running


def written(home: Path) -> int:
    with identity.open_gallery("own", home=home) as gallery:
        return len(gallery.samples.find(limit=10_000))


def require_only_the_rest(serving: Server, job: dict, *, before: int) -> None:
    """Taken up again, the job knows what it has written, and leaves nothing out."""
    with serving.client() as client:
        over = wait(client, client.post(f"/jobs/{job['id']}/resume").json())
        assert over["state"] == "done", over
        assert before > 0
        assert over["report"]["duplicates"] >= before
        left = over["report"]["gallery_samples"] + sum(over["report"]["skipped"].values())
        assert over["report"]["images"] == over["report"]["duplicates"] + left


def test_a_killed_server_leaves_no_process_that_goes_on(own: Server, own_home: Path, many: Path) -> None:
    job = begun_job(own, "own", many)
    working = job_process(own)
    own.process.kill()
    own.process.wait(20)
    assert until(lambda: b"job_child" not in command_of(working), seconds=5)
    before = written(own_home)
    with server(own_home, "--folder", str(many)) as again, again.client() as client:
        assert client.get(f"/jobs/{job['id']}").json()["state"] == "interrupted"
        assert before >= job["done"] - 1  # a scan without ink gives no sample
        require_only_the_rest(again, job, before=before)


def test_a_killed_job_says_so_and_the_server_goes_on(own: Server, own_home: Path, many: Path) -> None:
    job = begun_job(own, "own", many)
    os.kill(job_process(own), signal.SIGKILL)
    with own.client() as client:
        over = wait(client, job)
        assert (over["state"], over["problem"]["type"]) == ("failed", "urn:identity:problem:job-killed")
        assert "resume" in over["problem"]["cure"]
        assert client.get("/health").json()["status"] == "ok"
    require_only_the_rest(own, job, before=written(own_home))


def test_a_job_that_is_asked_to_end_ends_at_a_seam(own: Server, own_home: Path, many: Path) -> None:
    job = begun_job(own, "own", many)
    os.kill(job_process(own), signal.SIGTERM)
    with own.client() as client:
        assert wait(client, job)["state"] == "interrupted"
    require_only_the_rest(own, job, before=written(own_home))


def test_a_server_that_ends_lets_its_job_end_first(own: Server, own_home: Path, many: Path) -> None:
    job = begun_job(own, "own", many)
    working = job_process(own)
    own.process.send_signal(signal.SIGINT)
    assert own.process.wait(30) == 0
    assert b"job_child" not in command_of(working)
    with server(own_home, "--folder", str(many)) as again, again.client() as client:
        assert client.get(f"/jobs/{job['id']}").json()["state"] == "interrupted"
        require_only_the_rest(again, job, before=written(own_home))


def test_twelve_who_ask_while_a_job_runs_are_answered(own: Server, many: Path, pictures: list[Path]) -> None:
    job = begun_job(own, "own", many)
    assert os.getpriority(os.PRIO_PROCESS, job_process(own)) > os.getpriority(os.PRIO_PROCESS, own.process.pid)

    def ask(_who: int) -> list[str]:
        with own.client() as client:
            answers = [client.post("/galleries/digits/query", files=upload(pictures[0])) for _ in range(3)]
            return [one.json()["probes"][0]["regions"][0]["identity"] for one in answers]

    with own.client() as client, ThreadPoolExecutor(12) as people:
        said = list(people.map(ask, range(12)))
        assert client.get(f"/jobs/{job['id']}").json()["state"] == "running"
        assert {name for names in said for name in names} == {"0"}
        client.post(f"/jobs/{job['id']}/cancel")
        assert wait(client, job)["state"] == "cancelled"
