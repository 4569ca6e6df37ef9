"""Files, folders and IDX files come in by one way, in order, each with its label."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from identity.core.errors import NotFoundError, UnreadableImageError
from identity.imaging.crops import decode, encode
from identity.imaging.idx import read_idx_images
from identity.imaging.sources import content_of, count_sources, read_sources, sources_of_arrays


def picture(path: Path, grey: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((5, 7), grey, np.uint8)).save(path)
    return path


def idx_bytes(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def test_a_sub_folder_is_the_label_and_files_directly_inside_have_none(tmp_path: Path) -> None:
    picture(tmp_path / "Ada Lovelace" / "1.png", 1)
    picture(tmp_path / "deeper" / "Émile" / "2.png", 2)
    picture(tmp_path / "loose.png", 3)
    picture(tmp_path / ".hidden" / "4.png", 4)
    (tmp_path / "notes.txt").write_text("not an image")
    found = {Path(image.path).name: image.label for image in read_sources([tmp_path])}
    assert found == {"1.png": "Ada Lovelace", "2.png": "Émile", "loose.png": None}


def test_source_is_the_path_as_it_was_given_and_content_is_what_is_seen(tmp_path: Path) -> None:
    one = picture(tmp_path / "one.png", 9)
    two = picture(tmp_path / "two.bmp", 9)
    first, second = read_sources([one, two])
    assert (first.source, first.path, first.width, first.height) == (str(one), str(one), 7, 5)
    assert first.content == second.content
    assert first.content != content_of(np.full((7, 5), 9, np.uint8))


def test_a_broken_file_carries_its_error_and_the_rest_goes_on(tmp_path: Path) -> None:
    for grey in range(40):
        picture(tmp_path / f"{grey:02}.png", grey)
    (tmp_path / "20.png").write_bytes(b"no image")
    found = list(read_sources([tmp_path]))
    assert [int(image.pixels[0, 0]) for image in found if image.pixels is not None] == [*range(20), *range(21, 40)]
    assert [Path(image.path).name for image in found if image.error] == ["20.png"]


@pytest.mark.parametrize("zipped", [False, True])
def test_idx_rows_come_with_their_decimal_labels(tmp_path: Path, zipped: bool) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 4, 5), np.uint8)
    pack, ending = (gzip.compress, ".gz") if zipped else (bytes, "")
    path = tmp_path / f"letters-images-idx3-ubyte{ending}"
    path.write_bytes(pack(idx_bytes(images)))
    (tmp_path / "letters-labels-idx1-ubyte").write_bytes(idx_bytes(np.array([0, 7, 25], np.uint8)))
    found = list(read_sources([path]))
    assert [(image.row, image.label) for image in found] == [(0, "0"), (1, "7"), (2, "25")]
    np.testing.assert_array_equal(np.stack([image.pixels for image in found]), images)
    assert count_sources([path]) == 3
    assert count_sources([tmp_path]) == 3


@given(st.integers(0, 200))
def test_a_cut_idx_file_is_one_error(tmp_path_factory: pytest.TempPathFactory, kept: int) -> None:
    path = tmp_path_factory.mktemp("idx") / "a-images-idx3-ubyte"
    path.write_bytes(idx_bytes(np.zeros((4, 8, 8), np.uint8))[:kept])
    with pytest.raises(UnreadableImageError):
        read_idx_images(path)
    (image,) = read_sources([path])
    assert image.error


def test_labels_that_do_not_fit_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a-images-idx3-ubyte").write_bytes(idx_bytes(np.zeros((4, 2, 2), np.uint8)))
    (tmp_path / "a-labels-idx1-ubyte").write_bytes(idx_bytes(np.zeros(3, np.uint8)))
    (image,) = read_sources([tmp_path / "a-images-idx3-ubyte"])
    assert "3 labels for 4 images" in (image.error or "")


def test_missing_paths_and_empty_folders_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no file or folder"):
        read_sources([tmp_path / "nowhere"])
    with pytest.raises(NotFoundError, match="holds no image"):
        read_sources([tmp_path])


def test_arrays_and_pillow_images_are_sources_too() -> None:
    grey = np.zeros((3, 4), np.uint8)
    found = list(sources_of_arrays([grey, Image.new("RGB", (4, 3)), np.zeros((3, 4))]))
    assert [image.error is None for image in found] == [True, True, False]
    assert found[1].pixels is not None and found[1].pixels.shape == (3, 4, 3)  # noqa: PT018


@given(st.integers(1, 400), st.integers(1, 400), st.booleans())
def test_crops_come_back_as_pictures_of_at_most_160_pixels(width: int, height: int, colour: bool) -> None:
    shape = (height, width, 3) if colour else (height, width)
    shown = decode(encode(np.full(shape, 77, np.uint8)))
    assert max(shown.shape[:2]) <= 160
    assert abs(int(shown.flat[0]) - 77) <= 2
