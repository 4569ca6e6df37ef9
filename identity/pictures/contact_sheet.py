"""Who lies in which cluster, as one would lay out prints on a table: a strip of pictures per cluster, noise last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from identity.core.errors import UsageError
from identity.core.types import Image
from identity.plots import style

CELL_PX = 96
LINE_PX = 15  # of the text under a picture
GAP_PX = 6
COLUMNS = 12
MOST_ROWS = 4  # of pictures in one cluster
MOST_STRIPS = 24  # on one sheet


@dataclass(frozen=True, slots=True)
class Strip:
    """A cluster to show: its caption, its pictures (None where none was kept), and how many samples it has."""

    caption: str
    images: Sequence[Image | None]
    size: int
    is_noise: bool = False  # the samples in no cluster
    ids: Sequence[int] = ()  # of the samples, written under the pictures
    confirmed: Sequence[bool] = ()  # which of them bear the name by somebody's word; these are framed


def draw(strips: Sequence[Strip], *, path: Path, title: str) -> None:
    """Draw the strips in the order given, each up to four rows of twelve. Raises `UsageError` where there are none."""
    style.check_path(path)
    if not strips:
        raise UsageError("there is nothing to draw: enroll images first")
    sheets = [_canvas(strip) for strip in strips]
    heights = [sheet.shape[0] + CELL_PX // 2 for sheet in sheets]
    width_in = 11.0
    inch_px = COLUMNS * (CELL_PX + GAP_PX) / (width_in - 0.4)
    figure: Figure = style.figure(width_in, sum(heights) / inch_px + 0.9)
    grid = figure.add_gridspec(len(strips), 1, height_ratios=heights)
    for place, (strip, sheet) in enumerate(zip(strips, sheets, strict=True)):
        axes = figure.add_subplot(grid[place])
        axes.imshow(sheet, interpolation="lanczos", aspect="equal")
        axes.set_anchor("NW")
        axes.axis("off")
        colour = style.REFUSED if strip.is_noise else style.INK
        caption = style.plain_text(strip.caption + _left_out_note(strip))
        axes.set_title(caption, loc="left", fontsize=10, color=colour, pad=4)
    style.heading(figure, title)
    style.save(figure, path)


def _left_out_note(strip: Strip) -> str:
    missing = strip.size - len(_shown_images(strip))
    return f"  (and {missing} more)" if missing else ""


def _shown_images(strip: Strip) -> Sequence[Image | None]:
    return strip.images[: COLUMNS * MOST_ROWS]


def _canvas(strip: Strip) -> np.ndarray:
    """The strip's pictures on white, as wide as the sheet whatever their number."""
    shown = _shown_images(strip)
    rows = max(1, -(-len(shown) // COLUMNS))
    step, down = CELL_PX + GAP_PX, CELL_PX + GAP_PX + (LINE_PX if strip.ids else 0)
    canvas = Pillow.new("RGB", (COLUMNS * step - GAP_PX, rows * down - GAP_PX), "white")
    pen = ImageDraw.Draw(canvas)
    for place, image in enumerate(shown):
        row, column = divmod(place, COLUMNS)
        canvas.paste(cell(image), (column * step, row * down))
        if strip.ids:
            _note(pen, strip, place, left=column * step, top=row * down)
    return np.asarray(canvas)


def _note(pen: ImageDraw.ImageDraw, strip: Strip, place: int, *, left: int, top: int) -> None:
    """The sample's id under its picture, and whether somebody confirmed it."""
    confirmed = place < len(strip.confirmed) and strip.confirmed[place]
    if confirmed:
        pen.rectangle((left, top, left + CELL_PX - 1, top + CELL_PX - 1), outline=style.KNOWN, width=3)
    font = ImageFont.load_default(LINE_PX - 3)
    text = f"{strip.ids[place]} confirmed" if confirmed else f"{strip.ids[place]}"
    text = text if pen.textlength(text, font=font) <= CELL_PX + GAP_PX else text.split()[0]  # the frame says it too
    colour = style.KNOWN if confirmed else style.INK
    pen.text((left, top + CELL_PX + 1), text, fill=colour, font=font)


def cell(image: Image | None) -> Pillow.Image:
    """A picture in a square of its own, whole; grey where no picture was kept."""
    made = Pillow.new("RGB", (CELL_PX, CELL_PX), style.FAINT)
    if image is None:
        return made
    picture = Pillow.fromarray(image).convert("RGB")
    scale = CELL_PX / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    corner = ((CELL_PX - size[0]) // 2, (CELL_PX - size[1]) // 2)
    made.paste(picture.resize(size, Pillow.Resampling.LANCZOS), corner)
    return made
