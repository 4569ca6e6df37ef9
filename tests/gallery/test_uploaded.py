"""What somebody sent is read as the same file on the disk is, and leaves nothing behind."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from identity.core.limits import USUAL
from identity.gallery.images import images_of
from identity.gallery.uploaded import Sent, reading

SHAPES = {"small.png": (60, 40), "photograph.jpg": (3400, 3300), "slow.tiff": (80, 90)}
RANDOM = np.random.default_rng(7)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def drawn(folder: Path, name: str) -> Path:
    pixels = RANDOM.integers(0, 256, (*SHAPES[name], 3), np.uint8)
    Pillow.fromarray(pixels).save(folder / name)
    return folder / name


@pytest.mark.parametrize("name", SHAPES)
def test_an_upload_is_what_the_file_is(tmp_path: Path, temporary: Path, name: str) -> None:
    path = drawn(tmp_path, name)
    (file,) = images_of(path)
    with reading([Sent("as sent", BytesIO(path.read_bytes()))], USUAL) as read:
        (image,) = read
        assert np.array_equal(image.pixels, file.pixels)
        assert replace(image, pixels=None) == replace(file, pixels=None, source="as sent", path="as sent")
        whole = list(temporary.rglob("*.image"))
        assert len(whole) == (0 if name == "small.png" else 1)
        assert all(one.parent.stat().st_mode & 0o077 == 0 for one in whole)
        if image.reduced > 1:
            assert image.detail.content() is not None, "its other pixels are read while it is looked at"
    assert list(temporary.iterdir()) == []


def test_what_cannot_be_read_is_called_as_its_sender_calls_it(temporary: Path) -> None:
    sent = [Sent(f"{n}.png", BytesIO(content)) for n, content in enumerate((b"none", b"", b"II*\0" + b"x" * 2_000_000))]
    with reading(sent, replace(USUAL, file_bytes=1_000_000)) as read:
        errors = [image.error for image in read]
    assert [error[:5] for error in errors if error] == ["0.png", "1.png", "2.png"]
    assert not any("/" in error or ".image" in error for error in errors if error)
    assert "IDENTITY_MAX_FILE_BYTES" in errors[2]
    assert list(temporary.iterdir()) == []


def test_an_upload_of_too_many_pixels_is_not_decoded() -> None:
    written = BytesIO()
    Pillow.new("1", (3000, 3000)).save(written, "PNG")
    with reading([Sent("wide.png", written)], replace(USUAL, pixels=1_000_000)) as read:
        (image,) = read
    assert image.pixels is None
    assert image.error.startswith("wide.png has 3000x3000 pixels")
