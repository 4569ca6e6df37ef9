"""A picture made to do harm costs one line: it is refused, or decoded apart within its time and memory."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from identity.core.errors import UnreadableImageError
from identity.core.limits import Limits
from identity.imaging import apart
from identity.imaging.formats import extensions, may_be_quick
from identity.imaging.reader import read_image


def refused(path: Path, said: str, *, limits: Limits | None = None) -> None:
    with pytest.raises(UnreadableImageError, match=said) as caught:
        read_image(path, limits=limits or Limits())
    assert "\n" not in str(caught.value)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(*chunks: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(20)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + pixels + chunk(b"IEND", b"")


def overlapping_exif(tags: int, size: int) -> bytes:
    """So many entries that all point to the same bytes: read one by one they are tags x size / 2 bytes."""
    entries = b"".join(struct.pack("<HHLL", tag, 7, size // 2, 0) for tag in range(tags))
    directory = b"II*\0\x08\0\0\0" + struct.pack("<H", tags) + entries + bytes(4)
    return directory + bytes(max(0, size - len(directory)))


def test_what_takes_too_long_is_stopped_and_the_next_picture_is_read(tmp_path: Path) -> None:
    (tmp_path / "chunks.png").write_bytes(png(chunk(b"teXt", b"a\0b") * 1_500_000))
    refused(tmp_path / "chunks.png", "IDENTITY_TIME_PER_FILE_S", limits=Limits(time_per_file_s=0.5))
    Image.new("L", (9, 9), 7).save(tmp_path / "whole.tif")
    assert int(read_image(tmp_path / "whole.tif")[0, 0]) == 7


def test_a_scan_repeated_thousands_of_times_is_stopped(tmp_path: Path) -> None:
    content = io.BytesIO()
    Image.new("L", (1960, 1960), 128).save(content, "JPEG", progressive=True)
    whole = content.getvalue()
    assert may_be_quick(whole)
    scans = whole[:-2] + whole[whole.rfind(b"\xff\xda") : -2] * 20_000 + b"\xff\xd9"
    assert not may_be_quick(scans)
    (tmp_path / "scans.jpg").write_bytes(scans)
    refused(tmp_path / "scans.jpg", "takes longer than 0.5 s", limits=Limits(time_per_file_s=0.5))


def test_metadata_that_unpacks_to_gigabytes_is_read_within_its_memory(tmp_path: Path) -> None:
    (tmp_path / "exif.png").write_bytes(png(chunk(b"eXIf", overlapping_exif(8_000, 900_000))))
    assert read_image(tmp_path / "exif.png").shape == (4, 4)


def test_many_segments_of_a_photograph_are_not_put_together_here(tmp_path: Path) -> None:
    (tmp_path / "segments.jpg").write_bytes(b"\xff\xd8" + b"\xff\xe1\x00\x09Exif\0\0a" * 9_000)
    refused(tmp_path / "segments.jpg", "is not an image")


def test_a_picture_that_needs_more_memory_than_it_may_have_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (9000, 8000), "red").save(tmp_path / "large.tif", compression="tiff_lzw")
    refused(tmp_path / "large.tif", "needs too much memory|IDENTITY_MAX_PIXELS", limits=Limits(pixels=1_000_000))
    with pytest.raises(UnreadableImageError, match="needs too much memory"):
        _squeezed(tmp_path / "large.tif")


def _squeezed(path: Path) -> None:
    class Narrow(Limits):
        decoding_bytes = 30 << 20

    apart.decode_apart(path, Narrow())


def test_a_process_that_ends_by_itself_costs_one_picture(tmp_path: Path) -> None:
    Image.new("L", (9, 9), 7).save(tmp_path / "whole.tif")
    read_image(tmp_path / "whole.tif")
    apart._RUNNING[0].kill()
    apart._RUNNING[0].wait()
    assert read_image(tmp_path / "whole.tif").shape == (9, 9)


@pytest.mark.parametrize("kind", ["BLP", "DDS", "ICNS", "SGI", "PCX"])
def test_formats_that_nobody_has_photographs_in_are_not_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "picture.png"
    picture = Image.new("RGB", (32, 32))
    (picture.convert("P") if kind == "BLP" else picture).save(path, kind)
    refused(path, "is not an image that can be read")


def test_only_endings_of_formats_that_are_read_count_in_folders() -> None:
    assert {".jpg", ".png", ".tif", ".webp", ".mpo", ".jp2", ".bmp"} <= extensions()
    assert not {".blp", ".psd", ".eps", ".pdf", ".icns", ".fits"} & extensions()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_tiffs_are_turned_upright_once(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    shape = (20, 30) if orientation < 5 else (30, 20)
    Image.fromarray(np.zeros((20, 30), np.uint8)).save(tmp_path / "a.tif", exif=exif)
    assert read_image(tmp_path / "a.tif").shape == shape


def test_a_file_of_more_bytes_than_are_read_names_the_setting(tmp_path: Path) -> None:
    Image.new("L", (9, 9), 7).save(tmp_path / "a.png")
    refused(tmp_path / "a.png", "IDENTITY_MAX_FILE_BYTES", limits=Limits(file_bytes=10))
