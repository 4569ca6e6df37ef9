"""Two photographs of faces are compared over HTTP as `identity verify` compares them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from served import server, upload
from test_questions import check

import identity


@pytest.fixture(scope="module")
def asking(faces_home: Path) -> Iterator[httpx.Client]:
    with server(faces_home) as running, running.client() as client:
        yield client


def verify(client: httpx.Client, first: Path, second: Path) -> httpx.Response:
    files = upload(first, field="first") + upload(second, field="second")
    return client.post("/galleries/people/verify", files=files)


def test_one_person_is_told_from_another(asking: httpx.Client, faces_home: Path, people: list[Path]) -> None:
    same, other = (check(verify(asking, people[0], second)) for second in people[1:])
    assert (same["verdict"], other["verdict"]) == ("same", "different")
    with identity.open_gallery("people", home=faces_home) as gallery:
        expected = gallery.verify(people[0], people[1])
    assert same["cosine_distance"] == pytest.approx(expected.distance, abs=1e-6)


def test_a_picture_without_a_face_is_called_as_its_sender_calls_it(
    asking: httpx.Client, people: list[Path], pictures: list[Path]
) -> None:
    answered = verify(asking, people[0], pictures[0])
    assert answered.status_code == 422
    assert pictures[0].name in answered.json()["detail"]
    assert "/" not in answered.json()["detail"]
