"""The photographs that were asked about, with a box and a verdict on every face."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from identity.core.types import Box

if TYPE_CHECKING:
    from identity.core.answers import ProbeVerdict, RegionVerdict

COLOURS = {"known": (0, 114, 178), "ambiguous": (176, 112, 0), "unknown": (190, 78, 0)}


def check_path(path: Path) -> None:
    """Refuse a file that cannot be drawn before anything slow is done. Raises `UsageError`."""
    from identity.pictures.boxes import check_path as check

    check(path)


def draw_verdicts(answer: ProbeVerdict, *, path: Path) -> bool:
    """Draw one answer; False where there was no image to draw on."""
    from identity.pictures.boxes import Marked, draw

    if answer.image.pixels is None:
        return False
    reduced = answer.image.reduced
    marks = [
        Marked(_drawn(region.box, reduced), _text(region), COLOURS[region.verdict.value]) for region in answer.regions
    ]
    draw(answer.image.pixels, marks, path=path)
    return True


def _drawn(box: Box, reduced: int) -> Box:
    """A box of the photograph, in the reduced picture that is drawn on."""
    return Box(*(edge // reduced for edge in box.as_list()))


def numbered_path(path: Path, place: int) -> Path:
    """OUT.jpg for the first photograph, OUT-2.jpg for the second."""
    return path if place == 0 else path.with_stem(f"{path.stem}-{place + 1}")


def _text(region: RegionVerdict) -> str:
    if not region.candidates:
        return region.verdict.value
    first = region.candidates[0]
    match region.verdict.value:
        case "known":
            return f"{first.identity} {first.distance:.2f}"
        case "ambiguous":
            return " or ".join(one.identity for one in region.candidates if one.accepted) + "?"
        case _:
            return f"unknown {first.distance:.2f}"
