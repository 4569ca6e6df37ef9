"""Training replaces model folders and nothing else, and says so before it begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from identity.core.errors import UsageError
from identity.settings import Settings
from identity.workflows.train import train_digits


def refused(folder: Path, home: Path) -> str:
    settings = Settings(home, "")
    with pytest.raises(UsageError) as caught:
        train_digits(
            settings, data="no such data", recipe="triplet", epochs=1, seed=0, name="m", folder=folder,
            on_step=lambda *_: None,
        )  # fmt: skip
    return str(caught.value)


def test_a_folder_that_holds_something_else_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "photographs").mkdir()
    (tmp_path / "photographs" / "1.png").write_bytes(b"x")
    (tmp_path / "file").write_bytes(b"x")
    for name in ("photographs", "file"):
        assert f"{name} is there and is no model folder: choose" in refused(tmp_path / name, tmp_path)
    assert (tmp_path / "photographs" / "1.png").read_bytes() == b"x"


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    assert "is a symbolic link" in refused(tmp_path / "link", tmp_path)


def test_an_empty_folder_and_a_model_are_free(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "manifest.json").write_text("{}")
    for name in ("empty", "model", "new"):
        assert "no such data" in refused(tmp_path / name, tmp_path)
