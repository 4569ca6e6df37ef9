"""Jobs as tests watch them, and the processes that do them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from served import Server

PATIENCE_S = 60


def wait(client: httpx.Client, job: dict) -> dict:
    """The job when it is over, as its events tell it."""
    last = {}
    with client.stream("GET", f"/jobs/{job['id']}/events") as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                last = json.loads(line.removeprefix("data: "))
    return last


def until(holds: Callable[[], bool], *, seconds: float = PATIENCE_S) -> bool:
    """Whether something comes true in time."""
    end = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


def begun_job(serving: Server, gallery: str, folder: Path) -> dict:
    """A job that has written a first batch and has more to do."""
    with serving.client() as client:
        job = client.post(f"/galleries/{gallery}/enroll-paths", json={"paths": [str(folder)], "labels": "none"}).json()
        until(lambda: client.get(f"/jobs/{job['id']}").json()["done"] > 0)
        now = client.get(f"/jobs/{job['id']}").json()
        assert now["state"] == "running", now
        return now


def job_process(serving: Server) -> int:
    """The process that does the server's job."""
    (found,) = (pid for pid in children(serving.process.pid) if b"job_child" in command_of(pid))
    return found


def children(pid: int) -> list[int]:
    """Processes that a process began."""
    tasks = Path(f"/proc/{pid}/task")
    if not tasks.is_dir():
        pytest.skip("needs /proc to see which processes there are")
    return [int(one) for task in tasks.iterdir() for one in (task / "children").read_text().split()]


def command_of(pid: int) -> bytes:
    """How a process was begun; empty where there is none, or it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
