"""Large photographs are decoded reduced, small faces are cut from the full one, boxes are of the whole photograph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from identity.core.detail import CLOSEST_LOOK_PX, MOST_PIXELS, cut_outs, in_photograph, reduction
from identity.core.limits import Limits
from identity.core.types import Box, Image, Region, SourceImage
from identity.detectors.yunet import SIDE_PX, ZOOM
from identity.imaging import originals
from identity.imaging.apart import decode_apart, parts_apart
from identity.imaging.originals import FileDetail, OriginalFiles
from identity.imaging.pictures import content_of, content_of_jpeg
from identity.imaging.reader import read_parts, read_picture
from identity.imaging.sources import read_sources

WIDE, HIGH = 3400, 1700  # the smallest that are reduced have 3200 x 1600
SQUARES = {"red": (200, 100, 300, 200), "blue": (3000, 1500, 3060, 1580)}


def drawn(*, turned: int = 1) -> Pillow.Image:
    picture = Pillow.new("RGB", (WIDE, HIGH), (90, 120, 90))
    for colour, box in SQUARES.items():
        picture.paste(colour, box)
    undo = {3: Pillow.Transpose.ROTATE_180, 6: Pillow.Transpose.ROTATE_90, 8: Pillow.Transpose.ROTATE_270}
    return picture.transpose(undo[turned]) if turned in undo else picture


def saved(path: Path, *, turned: int = 1, comment: bytes = b"") -> Path:
    exif = Pillow.Exif()
    exif[0x0112] = turned
    options = {"comment": comment} if path.suffix == ".jpg" else {}
    drawn(turned=turned).save(path, exif=exif, quality=95, **options)
    return path


def colour_at(pixels: Image, x: int, y: int) -> str:
    red, _, blue = (int(one) for one in pixels[y, x])
    return "red" if red > 180 > 100 > blue else "blue" if blue > 180 > 100 > red else "none"


def test_what_is_looked_at_most_closely_is_never_enlarged() -> None:
    assert CLOSEST_LOOK_PX == SIDE_PX * ZOOM
    for width, height in ((250, 250), (3199, 3000), (4000, 3000), (6000, 4000), (8000, 6000), (12000, 9000)):
        times = reduction(width, height)
        side = min(max(width, height), 2 * min(width, height))
        assert times == 1 or side / times >= CLOSEST_LOOK_PX
        assert reduction(height, width) == times
    assert [reduction(side, side * 3 // 4) for side in (250, 3000, 4000, 6000, 12000)] == [1, 1, 2, 2, 4]
    assert 100_000 * 1_000 / reduction(100_000, 1_000) ** 2 <= MOST_PIXELS


@pytest.mark.parametrize("turned", [1, 3, 6, 8])
def test_a_large_jpeg_is_reduced_upright_and_its_parts_are_whole(tmp_path: Path, turned: int) -> None:
    path = saved(tmp_path / "a.jpg", turned=turned)
    found = read_picture(path)
    assert (found.reduced, found.width, found.height, found.pixels.shape) == (2, WIDE, HIGH, (HIGH // 2, WIDE // 2, 3))
    boxes = [Box(*box) for box in SQUARES.values()]
    parts = read_parts(path, boxes)
    for colour, box, part in zip(SQUARES, boxes, parts, strict=True):
        assert colour_at(found.pixels, (box.x1 + box.x2) // 4, (box.y1 + box.y2) // 4) == colour
        assert part.shape == (box.y2 - box.y1, box.x2 - box.x1, 3)
        assert {colour_at(part, x, y) for x, y in ((3, 3), (-4, -4), (3, -4))} == {colour}


@pytest.mark.parametrize("turned", range(1, 9))
def test_parts_are_those_of_the_upright_picture_in_every_orientation(tmp_path: Path, turned: int) -> None:
    rng = np.random.default_rng(0)
    coarse = Pillow.fromarray(rng.integers(0, 256, (9, 13, 3), np.uint8)).resize((104, 72))
    exif = Pillow.Exif()
    exif[0x0112] = turned
    coarse.save(tmp_path / "a.jpg", exif=exif, quality=100)
    whole = read_picture(tmp_path / "a.jpg").pixels
    box = Box(10, 20, 50, 45)
    (part,) = read_parts(tmp_path / "a.jpg", [box])
    np.testing.assert_array_equal(part, whole[20:45, 10:50])


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_other_formats_are_reduced_where_they_are_decoded_and_known_by_all_pixels(tmp_path: Path, ending: str) -> None:
    path = saved(tmp_path / f"a.{ending}", turned=1)
    found = read_picture(path)
    assert (found.reduced, found.pixels.shape) == (2, (HIGH // 2, WIDE // 2, 3))
    assert found.content == content_of(np.asarray(drawn()))
    (part,) = read_parts(path, [Box(*SQUARES["blue"])])
    assert colour_at(part, 3, 3) == colour_at(part, -4, -4) == "blue"


def test_decoding_apart_gives_the_same(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", turned=6)
    here, there = read_picture(path), decode_apart(path, Limits())
    assert (here.content, here.width, here.height, here.reduced) == (
        there.content, there.width, there.height, there.reduced,
    )  # fmt: skip
    np.testing.assert_array_equal(here.pixels, there.pixels)
    box = Box(*SQUARES["red"])
    np.testing.assert_array_equal(read_parts(path, [box])[0], parts_apart(path, Limits(), [box])[0])


def test_a_jpeg_is_known_by_its_picture_and_not_by_its_metadata(tmp_path: Path) -> None:
    one = read_picture(saved(tmp_path / "one.jpg"))
    tagged = read_picture(saved(tmp_path / "two.jpg", comment=b"Anna, Zoe"))
    turned = read_picture(saved(tmp_path / "three.jpg", turned=3))
    assert one.content == tagged.content != turned.content
    again = BytesIO()
    drawn().save(again, "JPEG", quality=80)
    assert content_of_jpeg(again.getvalue(), 1) != one.content
    assert len(one.content) == 32


def test_regions_are_those_of_the_photograph_and_come_back_in_the_reduced_picture() -> None:
    image = SourceImage("a", "a", None, None, np.zeros((851, 1700, 3), np.uint8), width=3399, height=1701, reduced=2)
    seen = Region(Box(1600, 800, 1700, 851), 0.9, np.full((5, 2), 1650, np.float32))
    whole = in_photograph(seen, image)
    assert whole.box == Box(3200, 1600, 3399, 1701)
    ((pixels, there),) = cut_outs(image, [whole], size_px=10)
    assert pixels is image.pixels
    assert there.box == seen.box
    assert there.landmarks is not None
    np.testing.assert_array_equal(there.landmarks, seen.landmarks)


def test_a_small_face_is_cut_from_the_full_photograph_and_a_large_one_is_not(tmp_path: Path) -> None:
    saved(tmp_path / "a.jpg")
    (image,) = read_sources([tmp_path])
    asked: list[Sequence[Box]] = []

    class Watched(FileDetail):
        def parts(self, boxes: Sequence[Box]) -> list[Image] | None:
            asked.append(boxes)
            return FileDetail.parts(self, boxes)

    watched = replace(image, detail=Watched(tmp_path / "a.jpg", Limits()))
    regions = [Region(Box(*box)) for box in SQUARES.values()]
    large, small = cut_outs(watched, regions, size_px=40)
    assert large[0] is image.pixels
    assert [len(boxes) for boxes in asked] == [1]
    cut, there = small[0], small[1].box
    assert there.x2 - there.x1 == 60
    assert colour_at(cut, there.x1 + 2, there.y1 + 2) == colour_at(cut, there.x2 - 3, there.y2 - 3) == "blue"
    (tmp_path / "a.jpg").unlink()
    assert cut_outs(image, regions, size_px=40)[1][0] is image.pixels  # what is gone cannot be read in full


def test_photographs_that_an_earlier_version_enrolled_are_found_again(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg")
    before = content_of(np.asarray(Pillow.open(path)))
    detail = FileDetail(path, Limits())
    assert detail.content() == before
    found = OriginalFiles().image(str(path), None, before)
    assert found is not None
    assert (found.content, found.reduced) == (before, 2)
    assert originals.OriginalFiles().image(str(path), None, bytes(32)) is None
