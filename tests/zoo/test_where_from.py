"""Claims about where a model comes from: release, mirror, archive or a file at hand; the network only if it may."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from offers import WEIGHTS, Server, entry, left_in, offering, sha256

from identity.core.errors import ModelError, NotFoundError, UsageError
from identity.zoo import adding
from identity.zoo.folder import ModelFolder
from identity.zoo.pull import pull


@pytest.mark.parametrize("restricted", [True, False])
def test_restricted_licence_is_named_and_must_be_accepted(
    models: ModelFolder, server: Server, tmp_path: Path, restricted: bool
) -> None:
    server.files["tiny.onnx"] = WEIGHTS
    (tmp_path / "mine.onnx").write_bytes(WEIGHTS)
    offer = entry(f"{server.address}/tiny.onnx", restricted=restricted)
    with offering(offer):
        if restricted:
            for ask in (
                lambda: pull("tiny", folder=models),
                lambda: adding.add(tmp_path / "mine.onnx", folder=models),
                lambda: adding.require_licence(offer.manifest, accept_licence=False),
            ):
                with pytest.raises(UsageError, match=r"research only.*--accept-licence"):
                    ask()
            assert server.asked == []
        pull("tiny", folder=models, accept_licence=restricted)
        models.remove("tiny")
        adding.add(tmp_path / "mine.onnx", folder=models, accept_licence=restricted)
        adding.require_licence(offer.manifest, accept_licence=restricted)

    assert models.get("tiny")


def test_offline_touches_no_network_and_a_mirror_folder_serves(
    models: ModelFolder, server: Server, tmp_path: Path
) -> None:
    with offering(entry(f"{server.address}/tiny.onnx")):
        with pytest.raises(UsageError, match=r"offline, tiny\.onnx cannot be downloaded: put it into a folder"):
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

    refused = pytest.raises(ModelError, match=r"does not contain other\.onnx")
    with offering(entry(address, member="other.onnx")), refused:
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
