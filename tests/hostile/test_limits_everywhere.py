"""The limits of the settings hold for every image that is read, also for those of a truth and of a training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import identity
from identity import bootstrap
from identity.core.errors import UnreadableImageError
from identity.settings import from_environment
from identity.workflows.train import load_corpus


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Three images of 28 x 28 pixels and their labels, as IDX files."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    shape = np.array([3, 28, 28], ">u4").tobytes()
    (folder / "train-images-idx3-ubyte").write_bytes(bytes([0, 0, 8, 3]) + shape + bytes(3 * 784))
    (folder / "train-labels-idx1-ubyte").write_bytes(bytes([0, 0, 8, 1]) + shape[:4] + bytes([1, 2, 3]))
    return folder


@pytest.mark.parametrize("most_bytes", [3 * 784 - 1, 3 * 784 + 2])
def test_training_reads_no_more_bytes_than_the_settings_allow(tmp_path: Path, corpus: Path, most_bytes: int) -> None:
    tight = from_environment(home=tmp_path, environ={"IDENTITY_MAX_FILE_BYTES": str(most_bytes)})
    with pytest.raises(UnreadableImageError, match="IDENTITY_MAX_FILE_BYTES"):
        load_corpus(str(corpus), settings=tight)
    enough = from_environment(home=tmp_path, environ={"IDENTITY_MAX_FILE_BYTES": str(3 * 784 + 3)})
    assert len(load_corpus(str(corpus), settings=enough).images) == 3


def test_the_truth_of_clusters_is_read_within_the_limits(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "models").symlink_to(bootstrap.SHIPPED / "models")
    monkeypatch.setattr(bootstrap, "SHIPPED", tmp_path / "shipped")  # its gallery of digits takes long to install
    monkeypatch.setenv("IDENTITY_MAX_FILE_BYTES", "100")
    with identity.open_home(home=tmp_path / "home") as home:
        home.create_gallery("mine")
    with identity.open_gallery("mine", home=tmp_path / "home") as gallery:
        (image,) = gallery.clusters.read(corpus / "train-images-idx3-ubyte")
        assert "raise IDENTITY_MAX_FILE_BYTES" in str(image.error)
        with pytest.raises(identity.NotFoundError, match="says nothing about this gallery's samples"):
            gallery.clusters.evaluate(corpus, blind=True)
