"""Where the texts of many boxes stand, so that none covers another: the nearest free place, first above the box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Place = tuple[int, int, int, int]  # left, top, right, bottom
MOST_RINGS = 40


def places(boxes: Sequence[Place], sizes: Sequence[tuple[int, int]], *, within: tuple[int, int]) -> list[Place]:
    """A place for each text of a size (width, height) near its box; where none is free, that which covers least."""
    taken: list[Place] = []
    for box, size in zip(boxes, sizes, strict=True):
        taken.append(_nearest_free(box, size, taken, within))
    return taken


def _nearest_free(box: Place, size: tuple[int, int], taken: Sequence[Place], within: tuple[int, int]) -> Place:
    best, least = None, float("inf")
    for place in _candidates(box, size, within):
        covered = sum(_overlap(place, other) for other in taken)
        if covered < least:
            best, least = place, covered
        if not covered:
            break
    assert best is not None
    return best


def _candidates(box: Place, size: tuple[int, int], within: tuple[int, int]) -> Iterator[Place]:
    """Above and below the box, then farther and farther from it, always inside the picture."""
    (x1, y1, x2, y2), (width, height) = box, size
    for ring in range(MOST_RINGS):
        for top in (y1 - height * (ring + 1), y2 + height * ring + 1):
            for left in (x1, x2 - width, (x1 + x2 - width) // 2, x1 - width, x2 + 1):
                yield _inside(left, top, size, within)


def _inside(left: int, top: int, size: tuple[int, int], within: tuple[int, int]) -> Place:
    x = min(max(left, 0), max(0, within[0] - size[0]))
    y = min(max(top, 0), max(0, within[1] - size[1]))
    return x, y, x + size[0], y + size[1]


def _overlap(one: Place, other: Place) -> int:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0, width) * max(0, height)
