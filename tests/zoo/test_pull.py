"""Claims about fetching a model from a server on this machine: the right file whole, or nothing."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from offers import WEIGHTS, Server, entry, left_in, offering

from identity.core.errors import IdentityError, ModelError
from identity.zoo.folder import ModelFolder
from identity.zoo.pull import pull


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
        (WEIGHTS[:-9], 9, "cannot download"),
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
    said = r"cannot download .* try again, or use a mirror"
    with offering(entry(gone)), pytest.raises(ModelError, match=said) as caught:
        pull("tiny", folder=models)

    assert "\n" not in str(caught.value)
    assert left_in(models) == []


def test_home_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("in the way")
    (tmp_path / "yunet_n_dynamic.onnx").write_bytes(b"any")
    with pytest.raises(IdentityError, match="cannot write models in") as caught:
        pull("yunet", folder=ModelFolder(tmp_path / "home", tmp_path), mirror=tmp_path)
    assert "\n" not in str(caught.value)
