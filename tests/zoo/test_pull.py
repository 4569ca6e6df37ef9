"""Claims about fetching models, from a folder and from a server on this machine: the right file whole, or nothing."""

from __future__ import annotations

import hashlib
import os
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from identity.core.errors import IdentityError, ModelError, NotFoundError, UsageError
from identity.core.model import InputSpec, ModelManifest
from identity.zoo import adding, catalogue
from identity.zoo import pull as pulling
from identity.zoo.catalogue import Entry, Release
from identity.zoo.folder import ModelFolder
from identity.zoo.manifest import dump
from identity.zoo.pull import pull

WEIGHTS = b"weights of a network " * 5000


@dataclass
class Server:
    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    promised: int = 0  # bytes announced beyond those that are sent
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            state.asked.append(name)
            content = state.files.get(name)
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Length", str(len(content or b"") + state.promised))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_arguments: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Server(f"http://127.0.0.1:{listening.server_port}/files")
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield state
    listening.shutdown()
    listening.server_close()


@pytest.fixture
def models(tmp_path: Path) -> ModelFolder:
    return ModelFolder(tmp_path / "home" / "models", tmp_path / "shipped")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def entry(address: str, *, content: bytes = WEIGHTS, pinned: bool = False, **release: object) -> Entry:
    spec = InputSpec("NCHW", 8, "rgb", (0.0, 0.0, 0.0), 1.0)
    digest, size = ("", 0) if pinned else (sha256(content), len(content))
    manifest = ModelManifest("tiny", "face", "model.onnx", digest, size, 4, spec, "whole/1", licence="research only")
    return Entry(manifest, Release(address, **release))


@contextmanager
def offering(*entries: Entry) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "ENTRIES", entries)
        patch.setattr(adding, "ENTRIES", entries)
        yield


def left_in(models: ModelFolder) -> list[str]:
    return sorted(one.name for one in models.home.iterdir()) if models.home.is_dir() else []


def converted(weights: Path, folder: Path) -> Path:
    """A stand-in for a conversion: the bytes in another order."""
    content = weights.read_bytes()[::-1]
    (folder / "model.onnx").write_bytes(content)
    made = entry("x", content=content).manifest
    (folder / "manifest.json").write_text(dump(made))
    return folder


def test_pulled_model_is_checked_installed_and_told_of(models: ModelFolder, server: Server) -> None:
    server.files["tiny.onnx"] = WEIGHTS
    told: list[tuple[int, int]] = []
    with offering(entry(f"{server.address}/tiny.onnx")):
        pulled = pull("tiny", folder=models, progress=lambda done, total: told.append((done, total)))

    assert models.get("tiny") == pulled
    assert pulled.path.read_bytes() == WEIGHTS
    assert told[-1] == (len(WEIGHTS), len(WEIGHTS))
    assert left_in(models) == ["tiny"]


@pytest.mark.parametrize(
    ("sent", "promised", "said"),
    [
        (WEIGHTS[:-9], 9, "cannot fetch"),
        (WEIGHTS[:-9], 0, "instead of"),
        (WEIGHTS[:-1] + b"!", 0, "sha256"),
        (b"", 0, "instead of"),
        (None, 0, "404"),
    ],
    ids=["cut off", "short", "other bytes", "empty", "not there"],
)
def test_wrong_transfer_leaves_nothing_and_keeps_what_was_there(
    models: ModelFolder, server: Server, sent: bytes | None, promised: int, said: str
) -> None:
    server.files["tiny.onnx"] = WEIGHTS
    with offering(entry(f"{server.address}/tiny.onnx")):
        pull("tiny", folder=models)
        server.files = {} if sent is None else {"tiny.onnx": sent}
        server.promised = promised

        with pytest.raises(ModelError, match=said) as caught:
            pull("tiny", folder=models)

    assert "\n" not in str(caught.value)
    assert left_in(models) == ["tiny"]
    assert models.get("tiny").path.read_bytes() == WEIGHTS


def test_interrupted_pull_leaves_nothing(models: ModelFolder, server: Server) -> None:
    server.files["tiny.onnx"] = WEIGHTS

    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with offering(entry(f"{server.address}/tiny.onnx")), pytest.raises(KeyboardInterrupt):
        pull("tiny", folder=models, progress=interrupt)

    assert left_in(models) == []


def test_what_a_killed_pull_left_is_swept_by_the_next_one_a_day_later(models: ModelFolder, server: Server) -> None:
    server.files["tiny.onnx"] = WEIGHTS
    for name, age_s in ((".pull-old", 90_000), (".pull-young", 60)):
        (models.home / name).mkdir(parents=True)
        os.utime(models.home / name, (time.time() - age_s,) * 2)

    with offering(entry(f"{server.address}/tiny.onnx")):
        pull("tiny", folder=models)

    assert left_in(models) == [".pull-young", "tiny"]
    assert [one.manifest.name for one in models.list()] == ["tiny"]


def test_server_that_is_not_there_is_one_line(models: ModelFolder, server: Server) -> None:
    gone = "http://127.0.0.1:9/tiny.onnx"
    said = r"cannot fetch .* try again, or name a mirror"
    with offering(entry(gone)), pytest.raises(ModelError, match=said) as caught:
        pull("tiny", folder=models)

    assert "\n" not in str(caught.value)
    assert left_in(models) == []


def test_unpublished_digest_is_pinned_at_first_and_a_change_refused(models: ModelFolder, server: Server) -> None:
    server.files["tiny.h5"] = WEIGHTS
    with offering(entry(f"{server.address}/tiny.h5", pinned=True, convert=True)):
        pull("tiny", folder=models, convert=converted)
        assert left_in(models) == ["pins.json", "tiny"]
        pull("tiny", folder=models, convert=converted)

        server.files["tiny.h5"] = WEIGHTS + b"!"
        with pytest.raises(ModelError, match=r"it changed since it was first fetched, delete its line in .*pins\.json"):
            pull("tiny", folder=models, convert=converted)

    assert models.get("tiny").path.read_bytes() == WEIGHTS[::-1]
    assert left_in(models) == ["pins.json", "tiny"]


def test_failed_conversion_pins_and_leaves_nothing(models: ModelFolder, server: Server) -> None:
    server.files["tiny.h5"] = WEIGHTS

    def fails(_weights: Path, folder: Path) -> Path:
        (folder / "model.onnx").write_bytes(b"half")
        raise ModelError("not these weights")

    with (
        offering(entry(f"{server.address}/tiny.h5", pinned=True, convert=True)),
        pytest.raises(ModelError, match="not these weights"),
    ):
        pull("tiny", folder=models, convert=fails)

    assert left_in(models) == []


def test_transfer_cut_off_is_never_pinned(models: ModelFolder, server: Server) -> None:
    server.files["tiny.h5"], server.promised = WEIGHTS[:100], 1000
    with (
        offering(entry(f"{server.address}/tiny.h5", pinned=True, convert=True)),
        pytest.raises(ModelError, match="cannot fetch"),
    ):
        pull("tiny", folder=models, convert=converted)

    assert left_in(models) == []


@pytest.mark.parametrize("restricted", [True, False])
def test_restricted_licence_is_named_and_must_be_accepted(
    models: ModelFolder, server: Server, tmp_path: Path, restricted: bool
) -> None:
    server.files["tiny.onnx"] = WEIGHTS
    (tmp_path / "mine.onnx").write_bytes(WEIGHTS)
    with offering(entry(f"{server.address}/tiny.onnx", restricted=restricted)):
        if restricted:
            for ask in (lambda: pull("tiny", folder=models), lambda: adding.add(tmp_path / "mine.onnx", folder=models)):
                with pytest.raises(UsageError, match=r"research only.*--accept-licence"):
                    ask()
            assert server.asked == []
        pull("tiny", folder=models, accept_licence=restricted)
        models.remove("tiny")
        adding.add(tmp_path / "mine.onnx", folder=models, accept_licence=restricted)

    assert models.get("tiny")


def test_offline_touches_no_network_and_a_mirror_folder_serves(
    models: ModelFolder, server: Server, tmp_path: Path
) -> None:
    with offering(entry(f"{server.address}/tiny.onnx")):
        with pytest.raises(UsageError, match=r"offline: put tiny\.onnx into a folder"):
            pull("tiny", folder=models, offline=True)
        with pytest.raises(UsageError, match="offline"):
            pull("tiny", folder=models, offline=True, mirror=server.address)
        with pytest.raises(NotFoundError, match=r"has no file tiny\.onnx"):
            pull("tiny", folder=models, offline=True, mirror=tmp_path)
        (tmp_path / "deep" / "er").mkdir(parents=True)
        (tmp_path / "deep" / "er" / "tiny.onnx").write_bytes(WEIGHTS)
        pull("tiny", folder=models, offline=True, mirror=tmp_path)

    assert models.get("tiny")
    assert server.asked == []


def test_mirror_address_stands_in_for_the_release(models: ModelFolder, server: Server) -> None:
    server.files["tiny.onnx"] = WEIGHTS
    with offering(entry("http://127.0.0.1:9/elsewhere/tiny.onnx")):
        pull("tiny", folder=models, mirror=server.address)

    assert models.get("tiny")


def test_one_name_for_two_files_takes_the_one_that_is_there(
    models: ModelFolder, server: Server, tmp_path: Path
) -> None:
    two = (entry(f"{server.address}/first.onnx", content=b"first"), entry(f"{server.address}/second.onnx"))
    server.files["second.onnx"] = WEIGHTS
    (tmp_path / "first.onnx").write_bytes(b"first")
    with offering(*two):
        assert pull("tiny", folder=models).path.read_bytes() == WEIGHTS
        assert pull("tiny", folder=models, mirror=tmp_path).path.read_bytes() == b"first"
        assert pull("tiny", folder=models, mirror=server.address).path.read_bytes() == WEIGHTS
        server.files["first.onnx"] = b"wrong"
        with pytest.raises(ModelError, match="sha256"):
            pull("tiny", folder=models)


def test_member_is_taken_out_of_its_archive(models: ModelFolder, server: Server, tmp_path: Path) -> None:
    archive = tmp_path / "pack.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("pack/tiny.onnx", WEIGHTS)
        packed.writestr("pack/../../evil.onnx", b"evil")
    server.files["pack.zip"] = archive.read_bytes()
    address = f"{server.address}/pack.zip"
    with offering(entry(address, member="tiny.onnx", sha256=sha256(archive.read_bytes()))):
        pull("tiny", folder=models)
    assert models.get("tiny").path.read_bytes() == WEIGHTS
    models.remove("tiny")

    with offering(entry(address, member="other.onnx")), pytest.raises(ModelError, match=r"no member other\.onnx"):
        pull("tiny", folder=models)
    server.files["pack.zip"] = b"PK no archive"
    with offering(entry(address, member="tiny.onnx")), pytest.raises(ModelError, match="cannot unpack"):
        pull("tiny", folder=models)
    assert left_in(models) == []


def test_archives_digest_and_its_members_are_both_checked(models: ModelFolder, server: Server, tmp_path: Path) -> None:
    archive = tmp_path / "pack.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("tiny.onnx", WEIGHTS[:-1] + b"!")
    server.files["pack.zip"] = archive.read_bytes()
    address = f"{server.address}/pack.zip"

    for digest in ("0" * 64, sha256(archive.read_bytes())):
        with offering(entry(address, member="tiny.onnx", sha256=digest)), pytest.raises(ModelError, match="sha256"):
            pull("tiny", folder=models)
    assert left_in(models) == []


def test_weights_at_hand_are_converted_when_their_licence_is_accepted(models: ModelFolder, tmp_path: Path) -> None:
    (tmp_path / "mine.H5").write_bytes(WEIGHTS)
    with offering(entry("http://127.0.0.1:9/tiny.h5", pinned=True, restricted=True, convert=True)):
        with pytest.raises(UsageError, match="--accept-licence"):
            adding.add(tmp_path / "mine.H5", folder=models, convert=converted)
        with pytest.raises(UsageError, match="install the extra 'train'"):
            adding.add(tmp_path / "mine.H5", folder=models, accept_licence=True)
        adding.add(tmp_path / "mine.H5", folder=models, accept_licence=True, convert=converted)
        adding.add(tmp_path / "mine.H5", folder=models, accept_licence=True, convert=converted, name="other")

    assert left_in(models) == ["other", "tiny"]
    assert models.get("tiny").path.read_bytes() == WEIGHTS[::-1]


def test_unknown_name_lists_the_catalogue(models: ModelFolder) -> None:
    with pytest.raises(NotFoundError, match="choose one of yunet, face-reid-0095, sface"):
        pull("face-net", folder=models)
    with pytest.raises(NotFoundError):
        pull("../up", folder=models)


def test_nobody_publishes_face_reid_0095_as_onnx(models: ModelFolder) -> None:
    with pytest.raises(UsageError, match="identity models add FILE"):
        pull("face-reid-0095", folder=models)


def test_damaged_pins_name_their_cure(models: ModelFolder, server: Server) -> None:
    server.files["tiny.h5"] = WEIGHTS
    models.home.mkdir(parents=True)
    (models.home / "pins.json").write_text("{")
    with (
        offering(entry(f"{server.address}/tiny.h5", pinned=True, convert=True)),
        pytest.raises(ModelError, match="delete it to pin downloads anew"),
    ):
        pull("tiny", folder=models, convert=converted)


def test_home_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("in the way")
    (tmp_path / "yunet_n_dynamic.onnx").write_bytes(b"any")
    with pytest.raises(IdentityError, match="cannot write models in") as caught:
        pull("yunet", folder=ModelFolder(tmp_path / "home", tmp_path), mirror=tmp_path)
    assert "\n" not in str(caught.value)


def test_every_entry_of_the_catalogue_is_a_manifest_that_may_be_installed() -> None:
    from identity.zoo.manifest import parse

    for one in catalogue.ENTRIES:
        filled = replace(one.manifest, sha256=one.manifest.sha256 or "0" * 64, bytes=one.manifest.bytes or 1)
        assert parse(dump(filled)) == filled
        assert one.manifest.licence
        assert one.release.restricted == ("non-commercial" in one.manifest.licence)
        assert pulling.is_address(one.release.address) or "/" not in one.release.address
