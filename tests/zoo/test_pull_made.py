"""Claims about a model that is made of its publisher's parts: both checked first, and the same file as everybody's."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha384
from pathlib import Path

import pytest
from offers import Server, left_in, offering
from offers import entry as offered
from tiny_ir import DIM, SIDE, tiny

from identity.core.errors import ModelError, NotFoundError, UsageError
from identity.core.model import InputSpec
from identity.zoo import adding
from identity.zoo.folder import ModelFolder
from identity.zoo.openvino.converting import convert
from identity.zoo.pull import pull
from identity.zoo.release import Entry, Part, Release

XML, BIN = tiny().xml, tiny().content
ONNX = convert(XML, BIN, name="tiny")


def made_entry(address: str, *, xml: bytes = XML, weights: bytes = BIN, onnx: bytes = ONNX) -> Entry:
    """A network that is published as `.xml` and `.bin` and known as ONNX."""
    parts = [
        Part(f"{address}/tiny.{ending}", sha384(content).hexdigest(), len(content))
        for ending, content in (("xml", xml), ("bin", weights))
    ]
    facts = replace(
        offered("x", content=onnx).manifest, dim=DIM, input=InputSpec("NCHW", SIDE, "bgr", (0.0, 0.0, 0.0), 1.0)
    )
    return Entry(facts, Release("tiny.onnx", made_of=tuple(parts)))


@pytest.fixture
def published(server: Server) -> Server:
    server.files |= {"tiny.xml": XML, "tiny.bin": BIN}
    return server


def test_parts_are_fetched_checked_made_into_the_known_file_and_told_of(models: ModelFolder, published: Server) -> None:
    told: list[tuple[int, int]] = []
    with offering(made_entry(published.address)):
        pulled = pull("tiny", folder=models, progress=lambda done, total: told.append((done, total)))
        assert models.get("tiny") == pulled

    assert pulled.path.read_bytes() == ONNX
    assert published.asked == ["tiny.xml", "tiny.bin"]
    assert (len(BIN), len(BIN)) in told
    assert left_in(models) == ["tiny"]


def test_whoever_has_the_file_itself_has_the_same_model(models: ModelFolder, published: Server, tmp_path: Path) -> None:
    (tmp_path / "tiny.onnx").write_bytes(ONNX)
    with offering(made_entry(published.address)):
        made = pull("tiny", folder=models).manifest
        added = adding.add(tmp_path / "tiny.onnx", folder=models).manifest
        from_folder = pull("tiny", folder=models, mirror=tmp_path, offline=True).manifest
        published.files, published.asked = {"tiny.onnx": ONNX}, []
        from_address = pull("tiny", folder=models, mirror=published.address).manifest

    assert made == added == from_folder == from_address
    assert published.asked == ["tiny.onnx"]


@pytest.mark.parametrize(
    ("sent", "promised", "said"),
    [
        ({"tiny.bin": BIN[:-4] + b"evil"}, 0, "sha384"),
        ({"tiny.xml": XML.replace(b"Sigmoid", b"Softmax")}, 0, "sha384"),
        ({"tiny.bin": BIN[:-9]}, 0, "instead of"),
        ({"tiny.bin": BIN[:-9]}, 9, "cannot download"),
        ({"tiny.bin": None}, 0, "404"),
        ({"tiny.xml": None}, 0, "404"),
    ],
    ids=["other weights", "other layers", "short", "cut off", "no weights", "no layers"],
)
def test_wrong_part_leaves_nothing_and_keeps_what_was_there(
    models: ModelFolder, published: Server, sent: dict[str, bytes | None], promised: int, said: str
) -> None:
    with offering(made_entry(published.address)):
        pull("tiny", folder=models)
        files = published.files | sent
        published.files = {name: content for name, content in files.items() if content is not None}
        published.promised = promised

        with pytest.raises(ModelError, match=said) as caught:
            pull("tiny", folder=models)

    assert "\n" not in str(caught.value)
    assert left_in(models) == ["tiny"]
    assert models.get("tiny").path.read_bytes() == ONNX


def test_parts_of_unknown_layers_or_of_another_network_are_refused(models: ModelFolder, server: Server) -> None:
    strange = XML.replace(b"Sigmoid", b"Softmax")
    server.files |= {"tiny.xml": strange, "tiny.bin": BIN}
    with offering(made_entry(server.address, xml=strange)), pytest.raises(ModelError, match="'Softmax'"):
        pull("tiny", folder=models)

    other = XML.replace(b'name="l3"', b'name="l!"')
    server.files["tiny.xml"] = other
    with offering(made_entry(server.address, xml=other)), pytest.raises(ModelError, match="sha256"):
        pull("tiny", folder=models)
    assert left_in(models) == []


def test_nothing_is_parsed_before_both_parts_are_the_published_ones(
    models: ModelFolder, published: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from identity.zoo.openvino import converting

    monkeypatch.setattr(converting, "parse", lambda _xml: pytest.fail("parsed"))
    published.files["tiny.bin"] = BIN[::-1]
    with offering(made_entry(published.address)), pytest.raises(ModelError, match="sha384"):
        pull("tiny", folder=models)


def test_interrupted_between_the_parts_leaves_nothing_and_goes_through_the_next_time(
    models: ModelFolder, published: Server
) -> None:
    def interrupt(_done: int, total: int) -> None:
        if total == len(BIN):
            raise KeyboardInterrupt

    with offering(made_entry(published.address)):
        with pytest.raises(KeyboardInterrupt):
            pull("tiny", folder=models, progress=interrupt)
        assert left_in(models) == []
        assert pull("tiny", folder=models)


def test_offline_a_folder_with_both_parts_serves(models: ModelFolder, published: Server, tmp_path: Path) -> None:
    with offering(made_entry(published.address)):
        with pytest.raises(UsageError, match=r"offline, tiny\.xml cannot be downloaded"):
            pull("tiny", folder=models, offline=True)
        (tmp_path / "tiny.xml").write_bytes(XML)
        with pytest.raises(NotFoundError, match=r"has no file tiny\.bin"):
            pull("tiny", folder=models, offline=True, mirror=tmp_path)
        (tmp_path / "tiny.bin").write_bytes(BIN)
        pulled = pull("tiny", folder=models, offline=True, mirror=tmp_path)
        models.remove("tiny")
        assert adding.add(tmp_path / "tiny.xml", folder=models).manifest == pulled.manifest

    assert published.asked == []
