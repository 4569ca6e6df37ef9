"""A gallery as a map: every sample drawn as its own picture, strangers framed, nothing cut off at the border."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from identity.core.errors import UsageError
from identity.core.types import Image
from identity.plots import style
from identity.plots.fonts import runs

CANVAS_PX = 1800
MARKER_PX = 40  # where many are drawn; few are drawn larger, up to LARGEST_PX
LARGEST_PX = 120
COVERED = 0.05  # of the canvas, by few markers
FRAME_PX = 3
MOST_NAMES = 20  # in the legend
LEGEND_LETTERS = 115  # of its type, across the map
Colour = tuple[int, int, int]


def draw(
    points: NDArray[np.float64],
    *,
    images: Sequence[Image | None],
    labels: Sequence[str],
    unknown: NDArray[np.bool_],
    path: Path,
    title: str,
    unknown_are: str = "strangers",
    ink: bool = False,
) -> None:
    """Draw pictures at points (n, 2) in 0..1, tinted by label; where `unknown` (n,), framed and on top.

    Pictures of `ink` lend their strokes.

    A sample without a picture is drawn as its label. Raises `UsageError` where there is nothing to draw.
    """
    style.check_path(path)
    if not len(points):
        raise UsageError("there is nothing to draw: enroll images first")
    named = {label for label, strange in zip(labels, unknown, strict=True) if not strange}
    tints = style.colours(sorted(named, key=_natural))
    canvas = Pillow.new("RGB", (CANVAS_PX, CANVAS_PX), "white")
    side_px = _side_px(len(points))
    for row in np.argsort(unknown, kind="stable"):
        colour = _stranger() if unknown[row] else _bytes(tints[labels[row]])
        marker = _marker(images[row], labels[row], colour, framed=bool(unknown[row]), ink=ink, side_px=side_px)
        canvas.paste(marker.convert("RGB"), _corner(points[row], side_px), marker.getchannel("A"))
    strangers = f"{unknown.sum()} {unknown_are}" if unknown.any() else ""
    _save(canvas, tints, title=title, strangers=strangers, path=path)


def _natural(label: str) -> list[str | int]:
    """Numbers in a label as numbers: c2 before c10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", label)]


def _side_px(count: int) -> int:
    fitting = CANVAS_PX * float(COVERED / count) ** 0.5
    return int(min(LARGEST_PX, max(MARKER_PX, fitting)))


def _stranger() -> Colour:
    return _bytes(to_rgb(style.INK))


def _bytes(colour: tuple[float, float, float]) -> Colour:
    red, green, blue = (round(255 * part) for part in colour)
    return red, green, blue


def _corner(point: NDArray[np.float64], side_px: int) -> tuple[int, int]:
    padding = side_px  # half a marker would do; the rest is air
    room = CANVAS_PX - 2 * padding - side_px
    return padding + round(float(point[0]) * room), padding + round((1 - float(point[1])) * room)


def _marker(
    image: Image | None, label: str, colour: Colour, *, framed: bool, ink: bool, side_px: int
) -> Pillow.Image:
    made = _glyph(label, colour, side_px) if image is None else _picture(image, colour, side_px, ink=ink)
    if framed:
        edge = (0, 0, side_px - 1, side_px - 1)
        ImageDraw.Draw(made).rectangle(edge, outline=(*_stranger(), 255), width=FRAME_PX)
    return made


def _picture(image: Image, colour: Colour, side_px: int, *, ink: bool) -> Pillow.Image:
    """Ink in the label's colour where the picture is ink, light on dark, the picture itself in a frame elsewhere."""
    picture = Pillow.fromarray(image).resize((side_px, side_px), Pillow.Resampling.LANCZOS)
    if ink and image.ndim == 2 and np.median(image) < 64:
        made = Pillow.new("RGBA", picture.size, (*colour, 255))
        made.putalpha(picture)
        return made
    made = picture.convert("RGBA")
    ImageDraw.Draw(made).rectangle((0, 0, side_px - 1, side_px - 1), outline=(*colour, 255), width=FRAME_PX)
    return made


def _glyph(label: str, colour: Colour, side_px: int) -> Pillow.Image:
    made = Pillow.new("RGBA", (side_px, side_px))
    shown = label[:2] or "·"
    middle = (side_px / 2, side_px / 2)
    font = ImageFont.truetype(str(runs(shown)[0][1]), side_px / 2)
    ImageDraw.Draw(made).text(middle, shown, fill=(*colour, 255), font=font, anchor="mm")
    return made


def _save(
    canvas: Pillow.Image, tints: dict[str, tuple[float, float, float]], *, title: str, strangers: str, path: Path
) -> None:
    figure: Figure = style.figure(10, 11)
    axes = figure.add_subplot()
    axes.imshow(np.asarray(canvas), interpolation="lanczos")
    axes.axis("off")
    named = tints if len(tints) <= MOST_NAMES else {}  # past that, colours repeat and a legend says nothing
    handles = [Patch(color=tint, label=style.plain_text(name or "unnamed")) for name, tint in named.items()]
    if strangers:
        handles.append(Patch(facecolor="white", edgecolor=style.INK, linewidth=2, label=strangers))
    below, columns = (0.5, 0.005), _columns(handles)
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=below, ncols=columns, frameon=False, fontsize=9)
    style.heading(figure, title)
    style.save(figure, path)


def _columns(handles: list[Patch]) -> int:
    """As many columns of the legend as fit under the map, by the longest name."""
    longest = max((len(str(handle.get_label())) for handle in handles), default=0)
    return max(1, min(11, LEGEND_LETTERS // (longest + 8)))
