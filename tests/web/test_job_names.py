"""What a job reports names files and people no longer than it must: not on the disk, and not after a forgetting."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
from served import server, upload
from test_deciding import decide
from working import wait

import identity

NOT_KEPT = "(name not kept)"


def reported(client: httpx.Client, gallery: str, picture: Path) -> dict:
    """A job with a file in its report that could not be read."""
    files = [*upload(picture), ("images", ("anna-blurred.png", b"no image", "image/png"))]
    begun = client.post(f"/galleries/{gallery}/enroll", files=files, data={"label": "Anna"}).json()
    over = wait(client, begun)
    assert over["state"] == "done"
    return over


def failures(client: httpx.Client, job: dict) -> list[dict]:
    return client.get(f"/jobs/{job['id']}").json()["report"]["failed"]


def test_no_name_is_on_the_disk(new_home: Callable[[Path], Path], tmp_path: Path, pictures: list[Path]) -> None:
    home = new_home(tmp_path / "home")
    with identity.open_home(home=home) as opened:
        opened.create_gallery("own")
    with server(home) as running, running.client() as client:
        job = reported(client, "own", pictures[0])
        assert "anna-blurred.png" in json.dumps(failures(client, job))
        written = [path.read_bytes() for path in (home / "jobs").rglob("*") if path.is_file()]
        assert written
        assert not any(b"anna" in content.lower() for content in written)
    with server(home) as running, running.client() as client:
        assert failures(client, job) == [{"source": NOT_KEPT, "error": None}]


def test_forgetting_somebody_forgets_the_names_in_reports(
    client: httpx.Client, scanned: str, tmp_path: Path, pictures: list[Path]
) -> None:
    other = tmp_path / "other.png"
    other.write_bytes(pictures[0].read_bytes())
    client.post("/galleries", json={"name": f"{scanned}-names"})
    job = reported(client, f"{scanned}-names", other)
    assert "anna-blurred.png" in json.dumps(failures(client, job))
    assert decide(client, f"{scanned}-names", "people/forget", identity="Anna").status_code == 200
    assert failures(client, job) == [{"source": NOT_KEPT, "error": None}]
    assert "anna" not in client.get("/jobs").text.lower()
