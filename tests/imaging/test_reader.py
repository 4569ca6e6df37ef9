"""Whatever an image file holds, it comes out upright and in 8 bits, or as one clear line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from identity.core.errors import UnreadableImageError
from identity.core.limits import Limits
from identity.imaging.reader import read_image

GRADIENT = np.tile(np.arange(0, 240, 4, dtype=np.uint8), (40, 1))  # (40, 60), dark on the left


@pytest.mark.parametrize("ending", ["png", "bmp", "tiff", "pgm", "gif"])
def test_grey_comes_through_unchanged(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"grau-ü.{ending}"
    Image.fromarray(GRADIENT).save(path)
    np.testing.assert_array_equal(read_image(path), GRADIENT)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_are_turned_upright_by_their_exif(tmp_path: Path, orientation: int) -> None:
    turned = {
        1: lambda a: a, 2: np.fliplr, 3: lambda a: np.rot90(a, 2), 4: np.flipud,
        5: lambda a: np.rot90(np.fliplr(a), 1), 6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(np.fliplr(a), -1), 8: lambda a: np.rot90(a, -1),
    }[orientation](GRADIENT)  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "photo.png"
    Image.fromarray(np.ascontiguousarray(turned)).save(path, exif=exif)
    np.testing.assert_array_equal(read_image(path), GRADIENT)


def test_sixteen_bits_are_scaled_and_not_cut_off(tmp_path: Path) -> None:
    Image.fromarray(GRADIENT.astype(np.uint16) * 257).save(tmp_path / "deep.png")
    np.testing.assert_array_equal(read_image(tmp_path / "deep.png"), GRADIENT)


def test_palette_colours_are_kept(tmp_path: Path) -> None:
    red = Image.new("RGB", (8, 8), (200, 10, 10)).convert("P", palette=Image.Palette.ADAPTIVE)
    red.save(tmp_path / "red.png")
    assert read_image(tmp_path / "red.png")[0, 0].tolist() == [200, 10, 10]


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    Image.new("RGB", (16, 16), (255, 0, 0)).convert("CMYK").save(tmp_path / "print.jpg", quality=95)
    red, green, blue = read_image(tmp_path / "print.jpg")[8, 8].tolist()
    assert red > 200 > 60 > max(green, blue)


@pytest.mark.parametrize("ink", [0, 255])
def test_a_glyph_on_a_transparent_background_stays_visible(tmp_path: Path, ink: int) -> None:
    pixels = np.zeros((20, 20, 4), np.uint8)
    pixels[5:15, 8:12] = (ink, ink, ink, 255)
    Image.fromarray(pixels).save(tmp_path / "glyph.png")
    shown = read_image(tmp_path / "glyph.png").astype(int)
    assert shown.shape == (20, 20)
    assert abs(shown[10, 10] - shown[0, 0]) == 255


def test_of_an_animation_the_first_frame_counts(tmp_path: Path) -> None:
    frames = [Image.fromarray(np.full((9, 9), grey, np.uint8)) for grey in (10, 200)]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    assert int(read_image(tmp_path / "moving.gif").flat[0]) == 10


def test_one_bit_images_are_black_and_white(tmp_path: Path) -> None:
    Image.fromarray(GRADIENT > 100).save(tmp_path / "fax.png")
    assert set(np.unique(read_image(tmp_path / "fax.png"))) == {0, 255}


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.png", b""), ("text.jpg", b"this is no image"), ("zeros.png", bytes(1000))],
)
def test_what_is_no_image_is_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableImageError, match="is not an image") as caught:
        read_image(tmp_path / name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("ending", ["png", "jpg", "tiff"])
def test_a_truncated_file_is_refused(tmp_path: Path, ending: str) -> None:
    whole = tmp_path / f"whole.{ending}"
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(whole)
    cut = tmp_path / f"cut.{ending}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(UnreadableImageError, match="cut"):
        read_image(cut)


def test_decompression_bombs_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.png")
    with pytest.raises(UnreadableImageError, match="scale it down"):
        read_image(tmp_path / "bomb.png")
    Image.new("L", (100, 100)).save(tmp_path / "large.png")
    with pytest.raises(UnreadableImageError, match=r"100x100.*IDENTITY_MAX_PIXELS"):
        read_image(tmp_path / "large.png", limits=Limits(pixels=9_999))
