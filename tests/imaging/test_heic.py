"""Photographs as phones write them: HEIC by the extra `heic`, Live Photos by their stills, AVIF as Pillow has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from identity.imaging.formats import extensions
from identity.imaging.reader import read_image
from identity.imaging.sources import read_sources

HALVES = np.repeat(np.array([[230, 20]], np.uint8), 40, axis=0).repeat(32, axis=1)  # (40, 64): light on the left


@pytest.fixture
def written() -> Callable[..., Path]:
    heif = pytest.importorskip("pillow_heif", reason="needs the extra 'heic'")
    heif.register_heif_opener()

    def write(path: Path, **options: object) -> Path:
        Image.fromarray(HALVES).convert("RGB").save(path, "HEIF", quality=90, **options)
        return path

    return write


def test_heic_is_read_in_its_own_colours(written: Callable[..., Path], tmp_path: Path) -> None:
    pixels = read_image(written(tmp_path / "IMG_1.HEIC"))
    assert pixels.shape == (40, 64, 3)
    assert np.abs(pixels.astype(int) - HALVES[:, :, None]).mean() < 4
    assert {".heic", ".heif", ".hif"} <= extensions()


def test_heic_is_turned_upright_once(written: Callable[..., Path], tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = read_image(written(tmp_path / "turned.heic", exif=exif.tobytes()))
    assert pixels.shape == (64, 40, 3)
    assert pixels[5, 20, 0] > 200 > 50 > pixels[-5, 20, 0]  # what was left is above


def test_of_a_live_photo_the_still_counts_and_the_video_is_named(written: Callable[..., Path], tmp_path: Path) -> None:
    written(tmp_path / "IMG_1.HEIC")
    (tmp_path / "IMG_1.MOV").write_bytes(b"\0\0\0\x14ftypqt  ")
    unread: list[object] = []
    (image,) = read_sources([tmp_path], on_unread=unread.extend)
    assert image.error is None
    assert [str(one) for one in unread] == ["1 .mov not read: a video; of a Live Photo the still beside it is read"]


def test_heic_under_another_name_is_read_too(written: Callable[..., Path], tmp_path: Path) -> None:
    assert read_image(written(tmp_path / "sent.jpg")).shape == (40, 64, 3)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_avif_is_read(tmp_path: Path) -> None:
    Image.fromarray(HALVES).convert("RGB").save(tmp_path / "a.avif")
    assert read_image(tmp_path / "a.avif").shape == (40, 64, 3)
