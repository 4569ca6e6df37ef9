"""What a person may give as images: one path, one array, one Pillow image, or any number of them."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from identity.core.errors import UsageError
from identity.gallery.images import count_images, images_of, paths_of

GREY, COLOUR = np.full((5, 7), 9, np.uint8), np.full((5, 7, 3), 9, np.uint8)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    Image.fromarray(GREY).save(tmp_path / "grey.png")
    return tmp_path / "grey.png"


def contents(images) -> list[bytes]:
    found = list(images_of(images))
    assert all(image.error is None for image in found)
    return [image.content for image in found]


def test_a_string_is_a_path_and_never_characters(file):
    assert contents(str(file)) == contents(file) == contents([file]) == contents([str(file)])


def test_one_array_and_one_pillow_image_are_one_image_each(file):
    assert contents(GREY) == contents([GREY]) == contents(Image.fromarray(GREY)) == contents(file)
    assert len(contents(COLOUR)) == 1


def test_a_generator_is_read_as_it_goes_and_never_listed(file):
    asked = []

    def pictures():
        for shade in range(5):
            asked.append(shade)
            yield np.full((5, 7), shade, np.uint8)

    images = images_of(pictures())
    next(images)
    assert len(asked) < 5


def test_nothing_gives_no_image():
    assert contents([]) == []


@pytest.mark.parametrize("stack", [np.zeros((10, 28, 28), np.uint8), np.zeros((2, 5, 5, 3), np.uint8)])
def test_a_stack_is_refused_with_its_cure(stack):
    for given in (stack, [GREY, stack]):
        with pytest.raises(UsageError, match=r"stack of images.*pass list\(stack\)"):
            list(images_of(given))
    assert len(contents(list(stack))) == len(stack)


@pytest.mark.parametrize(
    ("array", "cure"),
    [
        (np.zeros((0, 5), np.uint8), "is empty"),
        (np.zeros((5, 0, 3), np.uint8), "is empty"),
        (np.zeros((5, 7, 1), np.uint8), "give its only channel"),
        (np.zeros((5, 7, 4), np.uint8), "remove its transparency"),
        (np.zeros((5, 7)), "give uint8"),
        (np.zeros((5, 7), bool), "give uint8"),
        (np.zeros(5, np.uint8), "give uint8"),
    ],
)
def test_an_array_that_is_no_image_is_an_error_by_itself_and_fails_alone_among_others(array, cure):
    with pytest.raises(UsageError, match=cure):
        images_of(array)
    good, bad = images_of([GREY, array])
    assert good.error is None
    assert cure in bad.error


def test_paths_and_pictures_cannot_be_mixed(file):
    for mixed in ([file, GREY], [GREY, file]):
        with pytest.raises(UsageError, match="cannot be mixed"):
            list(images_of(mixed))


def test_a_pillow_image_is_turned_upright_as_its_file_is(tmp_path):
    picture = Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30).astype(np.uint8))
    exif = picture.getexif()
    exif[0x0112] = 6  # the camera was held on its side
    picture.save(tmp_path / "turned.png", exif=exif)
    with Image.open(tmp_path / "turned.png") as opened:
        assert contents(opened) == contents(tmp_path / "turned.png")
    assert next(images_of(tmp_path / "turned.png")).width == 20


def test_a_damaged_pillow_image_fails_alone():
    whole = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 90), dtype=np.uint8)).save(whole, "PNG")
    broken = Image.open(io.BytesIO(whole.getvalue()[:4000]))
    bad, good = images_of([broken, GREY])
    assert bad.error is not None
    assert good.error is None


def test_images_are_counted_where_that_reads_nothing(file):
    assert count_images(file) == count_images(GREY) == count_images([file]) == 1
    assert count_images([GREY, GREY]) == 2
    assert count_images(iter([GREY])) is None


def test_a_str_among_sources_of_strangers_is_one_path_never_characters(tmp_path):
    assert paths_of("letters/a b") == ["letters/a b"]
    assert paths_of(tmp_path) == [tmp_path]
    assert paths_of(["a", tmp_path]) == ["a", tmp_path]
    assert paths_of(()) == []
