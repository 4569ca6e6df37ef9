"""Lines of text on pictures in any script, each piece of a line in a font that has its letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Extent = tuple[int, int, int, int]  # left, top, right, bottom, in pixels from where a line begins


@dataclass(frozen=True, slots=True)
class Lettering:
    """A text in pieces with their fonts, which stand on one base line."""

    pieces: tuple[tuple[str, Font], ...]

    def extent(self, canvas: ImageDraw.ImageDraw) -> Extent:
        """What the line covers."""
        boxes = [canvas.textbbox((x, 0), text, font=font, anchor="ls") for x, text, font in self._placed(canvas)]
        left, top, right, bottom = zip(*boxes, strict=True)
        return round(min(left)), round(min(top)), round(max(right)), round(max(bottom))

    def draw(self, canvas: ImageDraw.ImageDraw, at: tuple[int, int], *, fill: tuple[int, ...]) -> None:
        """Write the line, `at` being the left end of its base line."""
        for x, text, font in self._placed(canvas):
            canvas.text((at[0] + x, at[1]), text, font=font, fill=fill, anchor="ls")

    def _placed(self, canvas: ImageDraw.ImageDraw) -> Iterator[tuple[float, str, Font]]:
        x = 0.0
        for text, font in self.pieces:
            yield x, text, font
            x += canvas.textlength(text, font=font)


def lines(texts: Iterable[str], *, size_px: float) -> list[Lettering]:
    """The texts as lines of this size; all in Pillow's own font where all are in English letters."""
    several = list(texts)
    if all(map(str.isascii, several)):
        font = ImageFont.load_default(size_px)
        return [Lettering(((text, font),)) for text in several]
    from identity.plots.fonts import runs

    return [Lettering(tuple((piece, _opened(file, size_px)) for piece, file in runs(text))) for text in several]


def _opened(file: Path, size_px: float) -> Font:
    return ImageFont.truetype(str(file), size_px)
