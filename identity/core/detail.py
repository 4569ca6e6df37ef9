"""How much of a large photograph is decoded: what is looked at, and the rest only where a small face needs it.

A reduced picture has one pixel for `reduced` x `reduced` of the photograph. Boxes and landmarks are those of the whole
photograph everywhere; only who cuts a region out looks at the reduced picture, or at a part of the full one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from identity.core.types import Box, Image, Region, SourceImage

CLOSEST_LOOK_PX = 1600  # the longer side of a photograph in the detector's closest look
MOST_PIXELS = 2**24  # of a picture in memory; what has more, however narrow, is reduced
OF_COMPRESSED = b"jpeg"  # ends the content of a photograph that is known by what it was compressed to
ROOM = 1.0  # around a region that is cut out of the full photograph, in sides of its box


def reduction(width: int, height: int) -> int:
    """By how much a photograph may be reduced, each side: 1, 2, 4 or 8; every look at it has all its pixels then."""
    side = min(max(width, height), 2 * min(width, height))
    by_look = max(times for times in (1, 2, 4, 8) if times == 1 or side >= times * CLOSEST_LOOK_PX)
    by_memory = next((times for times in (1, 2, 4) if width * height <= MOST_PIXELS * times**2), 8)
    return max(by_look, by_memory)


def known_by_compressed(content: bytes) -> bool:
    """Whether a content is a digest of what a JPEG was compressed to, not of its pixels."""
    return content.endswith(OF_COMPRESSED)


def in_photograph(region: Region, image: SourceImage) -> Region:
    """A region of the reduced picture, in the pixels of the photograph."""
    times = image.reduced
    if times == 1:
        return region
    x1, y1, x2, y2 = (edge * times for edge in region.box.as_list())
    box = Box(x1, y1, min(x2, image.width), min(y2, image.height))
    return Region(box, region.score, None if region.landmarks is None else region.landmarks * times)


def cut_outs(image: SourceImage, regions: Sequence[Region], size_px: int) -> list[tuple[Image, Region]]:
    """What each region is to be cut out of, and where it lies in there.

    That is the reduced picture where the region's shorter side has `size_px` pixels in it, else a part of the full
    photograph. Where that cannot be read any more the reduced picture must do.
    """
    assert image.pixels is not None
    if image.reduced == 1:
        return [(image.pixels, region) for region in regions]
    found = [(image.pixels, _moved(region, 0, 0, image.reduced)) for region in regions]
    small = [row for row, region in enumerate(regions) if _side_px(region.box) < size_px * image.reduced]
    boxes = [_with_room(regions[row].box, image) for row in small]
    parts = image.detail.parts(boxes) if boxes and image.detail is not None else None
    for row, box, part in zip(small, boxes, parts or (), strict=False):
        found[row] = part, _moved(regions[row], box.x1, box.y1, 1)
    return found


def _side_px(box: Box) -> int:
    return min(box.x2 - box.x1, box.y2 - box.y1)


def _with_room(box: Box, image: SourceImage) -> Box:
    room = round(ROOM * max(box.x2 - box.x1, box.y2 - box.y1))
    return Box(
        max(0, box.x1 - room), max(0, box.y1 - room),
        min(image.width, box.x2 + room), min(image.height, box.y2 + room),
    )  # fmt: skip


def _moved(region: Region, left: int, top: int, times: int) -> Region:
    """A region in the pixels of a part that begins there, or of a picture reduced so many times."""
    x1, y1, x2, y2 = region.box.as_list()
    box = Box((x1 - left) // times, (y1 - top) // times, -(-(x2 - left) // times), -(-(y2 - top) // times))
    landmarks = None if region.landmarks is None else ((region.landmarks - (left, top)) / times).astype(np.float32)
    return Region(box, region.score, landmarks)
