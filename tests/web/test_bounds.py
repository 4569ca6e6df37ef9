"""Uploads that are too large, too slow or cut off are answered in a line, cost little, and leave the server well."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image as Pillow
from served import API, TOKEN, Server, server

MOST_BYTES = 200_000


@pytest.fixture(scope="module")
def narrow(new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that takes little: 200 kB, 250,000 pixels, a second."""
    home = new_home(tmp_path_factory.mktemp("narrow") / "home")
    bounds = {"IDENTITY_MAX_UPLOAD_BYTES": str(MOST_BYTES), "IDENTITY_MAX_PIXELS": "250000"}
    with server(home, "--upload-time", "1", environ=bounds) as running:
        yield running


def head(port: int, length: int | None) -> bytes:
    """The beginning of an upload that says how long it is, or that it comes in pieces."""
    said = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    lines = [f"POST {API}/galleries/digits/query HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {TOKEN}"]
    return "\r\n".join([*lines, "Content-Type: multipart/form-data; boundary=b", said, "", ""]).encode()


def status(connection: socket.socket) -> int:
    """The status of the answer."""
    connection.settimeout(20)
    return int(connection.recv(4096).split()[1])


def well(serving: Server) -> bool:
    with serving.client() as client:
        return client.get("/health").json()["status"] == "ok"


def test_an_upload_that_says_it_is_too_large_is_refused_unread(narrow: Server) -> None:
    with socket.create_connection(("127.0.0.1", narrow.port)) as connection:
        connection.sendall(head(narrow.port, MOST_BYTES + 1))
        assert status(connection) == 413
    assert well(narrow)


def test_an_upload_that_grows_too_large_is_cut_off(narrow: Server) -> None:
    with socket.create_connection(("127.0.0.1", narrow.port)) as connection:
        begun = b'--b\r\nContent-Disposition: form-data; name="images"; filename="a"\r\n\r\n'
        connection.sendall(head(narrow.port, None) + f"{len(begun):x}\r\n".encode() + begun + b"\r\n")
        for _ in range(4):
            connection.sendall(b"f000\r\n" + b"x" * 0xF000 + b"\r\n")
        assert status(connection) == 413
    assert well(narrow)


def test_a_slow_upload_is_ended(narrow: Server) -> None:
    with socket.create_connection(("127.0.0.1", narrow.port)) as connection:
        connection.sendall(head(narrow.port, 1000) + b"--b\r\n")
        assert status(connection) == 408
    assert well(narrow)


def test_an_upload_that_breaks_off_leaves_the_server_well(narrow: Server) -> None:
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", narrow.port)) as connection:
            connection.sendall(head(narrow.port, 1000) + b"--b\r\nContent-Disposition: form-data; name=images")
    assert well(narrow)


def test_a_picture_of_too_many_pixels_is_not_decoded(narrow: Server) -> None:
    written = BytesIO()
    Pillow.new("1", (4000, 4000)).save(written, "PNG")
    with narrow.client() as client:
        answered = client.post("/galleries/digits/query", files={"images": ("large.png", written.getvalue())})
    (probe,) = answered.json()["probes"]
    assert "IDENTITY_MAX_PIXELS" in probe["error"]


def test_nonsense_is_answered_and_shows_no_traceback(narrow: Server) -> None:
    with narrow.client() as client:
        text = b'--b\r\nContent-Disposition: form-data; name="images"\r\n\r\nx\r\n--b--'
        for body in (b"", b"--b", b"\xff" * 100, text):
            sent = {"Content-Type": "multipart/form-data; boundary=b"}
            answered = client.post("/galleries/digits/query", content=body, headers=sent)
            assert answered.status_code in (400, 422)
            assert "Traceback" not in answered.text
            assert answered.json()["cure"]


def test_a_signal_ends_the_server_cleanly(narrow: Server) -> None:
    narrow.process.send_signal(signal.SIGTERM)
    assert narrow.process.wait(20) == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(narrow.origin, trust_env=False)
