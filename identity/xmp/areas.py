"""Areas of a picture as parts of the whole, and how the picture as it is stored and the upright one go together.

The guidelines of the Metadata Working Group speak of the picture as it is stored, whatever its EXIF orientation; boxes
of a gallery are of the upright one.
"""

from __future__ import annotations

from dataclasses import dataclass

from identity.core.types import Box

# EXIF orientation: whether x and y change places, and which of the two then run backwards, from upright to stored
_TURNS = {
    1: (False, False, False), 2: (False, True, False), 3: (False, True, True), 4: (False, False, True),
    5: (True, False, False), 6: (True, False, True), 7: (True, True, True), 8: (True, True, False),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle as parts of the picture's width and height: left, top, right, bottom."""

    x1: float
    y1: float
    x2: float
    y2: float

    @classmethod
    def of_box(cls, box: Box, *, width: int, height: int) -> Area:
        """A box in pixels of a picture of this size; what lies outside the picture is cut off."""
        x1, y1, x2, y2 = box.x1 / width, box.y1 / height, box.x2 / width, box.y2 / height
        return cls(*(min(max(part, 0.0), 1.0) for part in (x1, y1, x2, y2)))

    def overlap(self, other: Area) -> float:
        """Intersection over union."""
        wide = min(self.x2, other.x2) - max(self.x1, other.x1)
        high = min(self.y2, other.y2) - max(self.y1, other.y1)
        common = max(wide, 0.0) * max(high, 0.0)
        total = self._size() + other._size() - common
        return common / total if total > 0 else 0.0

    def _size(self) -> float:
        return (self.x2 - self.x1) * (self.y2 - self.y1)


def swaps_sides(orientation: int) -> bool:
    """Whether a picture's width is its height once it is upright."""
    return _turn(orientation)[0]


def stored_area(upright: Area, orientation: int) -> Area:
    """The same area in the picture as it is stored."""
    swap, backwards_x, backwards_y = _turn(orientation)
    one = _swapped(upright) if swap else upright
    return _flipped(one, x=backwards_x, y=backwards_y)


def upright_area(stored: Area, orientation: int) -> Area:
    """The same area in the upright picture."""
    swap, backwards_x, backwards_y = _turn(orientation)
    one = _flipped(stored, x=backwards_x, y=backwards_y)
    return _swapped(one) if swap else one


def _turn(orientation: int) -> tuple[bool, bool, bool]:
    return _TURNS.get(orientation, _TURNS[1])


def _swapped(area: Area) -> Area:
    return Area(area.y1, area.x1, area.y2, area.x2)


def _flipped(area: Area, *, x: bool, y: bool) -> Area:
    x1, x2 = (1 - area.x2, 1 - area.x1) if x else (area.x1, area.x2)
    y1, y2 = (1 - area.y2, 1 - area.y1) if y else (area.y1, area.y2)
    return Area(x1, y1, x2, y2)
