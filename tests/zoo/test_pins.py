"""Claims about weights whose digest nobody published, and about conversions: pinned once, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from offers import WEIGHTS, Server, converted, entry, left_in, offering

from identity.core.errors import ModelError, UsageError
from identity.zoo import adding
from identity.zoo.folder import ModelFolder
from identity.zoo.pull import pull


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
        pytest.raises(ModelError, match="cannot download"),
    ):
        pull("tiny", folder=models, convert=converted)

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


def test_damaged_pins_name_their_cure(models: ModelFolder, server: Server) -> None:
    server.files["tiny.h5"] = WEIGHTS
    models.home.mkdir(parents=True)
    (models.home / "pins.json").write_text("{")
    with (
        offering(entry(f"{server.address}/tiny.h5", pinned=True, convert=True)),
        pytest.raises(ModelError, match="delete it; the next downloads record their digests in it again"),
    ):
        pull("tiny", folder=models, convert=converted)
