"""How a server is started: with the digits that ship, under names of this machine, and for others only with a token."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from served import ADDRESS, API, TOKEN, server, upload

SERVE = (sys.executable, "-m", "identity", "serve")
NAMED = "photos.example"


def test_the_demo_answers_and_leaves_no_home(tmp_path: Path, pictures: list[Path]) -> None:
    env = {"TMPDIR": str(tmp_path), "HOME": str(tmp_path / "person"), "PATH": "", "PYTHONPATH": ":".join(sys.path)}
    command = [*SERVE, "--demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=tmp_path) as process:
        try:
            found = ADDRESS.search(process.stdout.readline())
            known = {"Authorization": f"Bearer {found[2]}"}
            with httpx.Client(base_url=f"http://127.0.0.1:{found[1]}{API}", headers=known, trust_env=False) as client:
                said = client.post("/galleries/digits/query", files=upload(pictures[0]), timeout=60).json()
                assert said["probes"][0]["regions"][0]["identity"] == "0"
            assert list(tmp_path.glob("identity-demo-*"))
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
    assert list(tmp_path.glob("identity-demo-*")) == []
    assert list((tmp_path / "person").rglob("*identity*")) == []


def test_a_name_of_this_machine_is_let_in_and_others_are_not(web_home: Path) -> None:
    with server(web_home, "--name", NAMED) as running:
        for host, status in ((f"{NAMED}:{running.port}", 200), (f"x.{NAMED}:{running.port}", 421), (NAMED, 421)):
            headers = {"Host": host, "Authorization": f"Bearer {TOKEN}"}
            assert httpx.get(f"{running.origin}{API}/health", headers=headers, trust_env=False).status_code == status


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_other_machines_are_let_in_only_with_a_token(web_home: Path, host: str) -> None:
    command = [sys.executable, "-m", "identity", "--home", str(web_home), "serve", "--host", host, "--port", "0"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert re.search(r"lets other machines see every face.*give them a --token", ran.stderr)


def test_with_a_token_every_address_of_this_machine_is_served(web_home: Path) -> None:
    with server(web_home, "--host", "0.0.0.0") as running, running.client() as client:
        assert client.get("/health").json()["status"] == "ok"
