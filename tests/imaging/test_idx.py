"""IDX files are read whole or refused in one line, and never beyond what their header promises."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from identity.core.errors import UnreadableImageError
from identity.imaging.idx import count_idx_images, read_idx_images

IMAGES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


def written(path: Path, *, shape=IMAGES.shape, content: bytes = IMAGES.tobytes()) -> Path:
    raw = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">u4").tobytes() + content
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return path


@pytest.mark.parametrize("name", ["a-images-idx3-ubyte", "a-images-idx3-ubyte.gz"])
def test_images_are_counted_by_the_header_and_read_whole(tmp_path, name):
    path = written(tmp_path / name)
    assert count_idx_images(path) == 2
    np.testing.assert_array_equal(read_idx_images(path), IMAGES)


@pytest.mark.parametrize("name", ["a-images-idx3-ubyte", "a-images-idx3-ubyte.gz"])
@pytest.mark.parametrize("content", [b"", IMAGES.tobytes()[:-1], IMAGES.tobytes() + b"x"])
def test_a_file_with_other_bytes_than_it_promises_is_refused(tmp_path, name, content):
    path = written(tmp_path / name, content=content)
    with pytest.raises(UnreadableImageError, match="copy or download it again"):
        read_idx_images(path)


def test_a_small_archive_that_would_unpack_to_more_than_is_allowed_is_refused_unread(tmp_path):
    path = written(tmp_path / "bomb-images-idx3-ubyte.gz", shape=(100, 100, 100), content=bytes(1_000_000))
    with pytest.raises(UnreadableImageError, match=r"at most 1,000 are read.*IDENTITY_MAX_FILE_BYTES"):
        read_idx_images(path, most_bytes=1000)


def test_a_header_that_promises_more_than_any_memory_holds_is_refused(tmp_path):
    path = written(tmp_path / "huge-images-idx3-ubyte", shape=(2**32 - 1,) * 3)
    with pytest.raises(UnreadableImageError, match="at most 805,306,368 are read"):
        read_idx_images(path)


def test_an_archive_cut_short_is_refused(tmp_path):
    path = written(tmp_path / "a-images-idx3-ubyte.gz")
    path.write_bytes(path.read_bytes()[:-6])
    with pytest.raises(UnreadableImageError, match="copy or download it again"):
        read_idx_images(path)


def test_many_dimensions_and_images_without_pixels_are_refused_unread(tmp_path):
    deep = written(tmp_path / "deep-images-idx3-ubyte", shape=(1,) * 70, content=b"x")
    with pytest.raises(UnreadableImageError, match="70-dimensional"):
        read_idx_images(deep)
    flat = written(tmp_path / "flat-images-idx3-ubyte", shape=(2**32 - 1, 0, 28), content=b"")
    with pytest.raises(UnreadableImageError, match="28x0 pixels"):
        read_idx_images(flat)
