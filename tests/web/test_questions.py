"""What the server reads and answers is what the commands and the Python API say."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import httpx
from PIL import Image as Pillow
from pydantic import TypeAdapter
from served import upload

import identity
from identity.documents import document
from identity.documents.faces import FACES
from identity.documents.query import query_fields
from identity.documents.schemas import SCHEMAS
from identity.documents.served import SERVED


def check(answered: httpx.Response) -> dict:
    """The document, after it was held against its type."""
    assert answered.status_code == 200, answered.text
    made = answered.json()
    name = made["schema"].removeprefix("identity.").split("/")[0]
    fields = {key: value for key, value in made.items() if key != "schema"}
    TypeAdapter({**SCHEMAS, **SERVED, **FACES}[name]).validate_python(fields, strict=True, extra="forbid")
    return made


def without_places(made: dict) -> dict:
    return {**made, "probes": [{**one, "source": "", "path": ""} for one in made["probes"]]}


def test_several_images_get_an_answer_each_as_the_command_gives_it(
    client: httpx.Client, web_home: Path, pictures: list[Path]
) -> None:
    asked = pictures[::6]
    made = check(client.post("/galleries/digits/query", files=upload(*asked), data={"k": "3"}))
    with identity.open_gallery("digits", home=web_home) as gallery:
        answers = list(gallery.query(asked, k=3))
        expected = document("query", query_fields(gallery.store.gallery, gallery.calibration(), answers))
    assert without_places(made) == without_places(expected)
    assert [one["path"] for one in made["probes"]] == [path.name for path in asked]


def test_an_upload_that_is_no_image_is_one_answer_among_others(client: httpx.Client, pictures: list[Path]) -> None:
    files = [("images", ("<b>../../x.png", b"no image", "image/png")), *upload(pictures[0])]
    broken, whole = check(client.post("/galleries/digits/query", files=files))["probes"]
    assert whole["error"] is None
    assert broken["path"] == "x.png"
    assert "/" not in broken["error"]


def test_what_is_missing_is_said_with_its_cure(client: httpx.Client, pictures: list[Path], scanned: str) -> None:
    nowhere = client.post("/galleries/nowhere/query", files=upload(pictures[0]))
    assert (nowhere.status_code, nowhere.json()["detail"]) == (404, "there is no gallery 'nowhere'")
    unset = client.post(f"/galleries/{scanned}/query", files=upload(pictures[0]))
    assert unset.status_code == 409
    assert "identity calibrate" in unset.json()["cure"]
    pair = upload(pictures[0], field="first") + upload(pictures[1], field="second")
    assert client.post("/galleries/digits/verify", files=pair).status_code in (409, 422)


def test_everything_that_can_be_read_is_of_its_type(client: httpx.Client, scanned: str) -> None:
    for path in ("", "/samples?limit=5", "/people", "/people/c1", "/clusters", "/clusters/history", "/suggestions"):
        check(client.get(f"/galleries/{scanned}{path}"))
    for path in ("/galleries", "/status", "/health", "/galleries/digits", "/galleries/digits/calibration"):
        check(client.get(path))


def test_pages_of_samples_follow_each_other(client: httpx.Client, scanned: str) -> None:
    path, seen = f"/galleries/{scanned}/samples?limit=10", []
    while path:
        answered = client.get(path)
        seen += [one["id"] for one in check(answered)["samples"]]
        path = answered.links["next"]["url"].removeprefix("/api/v1") if "next" in answered.links else ""
    assert len(seen) == len(set(seen)) == 24


def test_what_did_not_change_is_not_sent_again(client: httpx.Client, scanned: str) -> None:
    first = client.get(f"/galleries/{scanned}/people")
    again = client.get(f"/galleries/{scanned}/people", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def sample_of(client: httpx.Client, gallery: str) -> int:
    return int(client.get(f"/galleries/{gallery}/samples?limit=1").json()["samples"][0]["id"])


def test_a_crop_comes_in_the_size_that_is_shown_and_is_kept(client: httpx.Client, scanned: str) -> None:
    path = f"/galleries/{scanned}/samples/{sample_of(client, scanned)}/crop"
    small = client.get(path, params={"size": 16})
    assert max(Pillow.open(BytesIO(small.content)).size) == 16
    assert "immutable" in small.headers["cache-control"]
    assert client.get(path, params={"size": 16}, headers={"If-None-Match": small.headers["etag"]}).status_code == 304


def test_a_hundred_crops_come_in_one_picture(client: httpx.Client, scanned: str) -> None:
    ids = [one["id"] for one in client.get(f"/galleries/{scanned}/samples?limit=24").json()["samples"]]
    sheet = client.get(f"/galleries/{scanned}/sheet", params={"ids": ",".join(map(str, [*ids, 99999999])), "size": 32})
    assert Pillow.open(BytesIO(sheet.content)).size == (320, 96)
    assert client.get(f"/galleries/{scanned}/sheet", params={"ids": ",".join(["1"] * 101)}).status_code == 422


def test_a_photograph_is_shown_only_while_it_is_what_was_enrolled(
    client: httpx.Client, web_home: Path, tmp_path: Path, pictures: list[Path]
) -> None:
    photograph = tmp_path / "a.png"
    photograph.write_bytes(pictures[0].read_bytes())
    with identity.open_home(home=web_home) as home:
        home.create_gallery("photographs")
        home.open_gallery("photographs").enroll([photograph])
    path = f"/galleries/photographs/samples/{sample_of(client, 'photographs')}"
    assert [one["box"] for one in check(client.get(f"{path}/photograph"))["samples"]] == [[0, 0, 96, 96]]
    assert Pillow.open(BytesIO(client.get(f"{path}/picture?size=48").content)).size == (48, 48)
    photograph.write_bytes(pictures[1].read_bytes())
    assert client.get(f"{path}/picture?size=50").status_code == 404


def test_metrics_are_lines_that_prometheus_reads(client: httpx.Client) -> None:
    client.get("/health")
    lines = client.get("/metrics").text.splitlines()
    assert 'identity_samples{gallery="digits"} 54000' in lines
    counted = [line for line in lines if line.startswith("identity_request_seconds_count") and "/health" in line]
    assert counted
