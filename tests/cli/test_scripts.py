"""Names in pictures are drawn in the letters they have; where no font has them, one line says which to install."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from PIL import Image
from running import Ran
from test_labels import home, run, stroke  # noqa: F401 (fixtures)

from identity.plots import fonts
from identity.plots.clusters import draw_sizes

NAME = "अनिता"
LETTERS = [*dict.fromkeys(NAME), "李"]


def font_of_bars(path: Path) -> Path:
    """A font with a bar for each of the letters."""
    builder = FontBuilder(1000, isTTF=True)
    names = [".notdef", *(f"letter{place}" for place in range(len(LETTERS)))]
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(letter): name for letter, name in zip(LETTERS, names[1:], strict=True)})
    pen = TTGlyphPen(None)
    for number, corner in enumerate([(100, 0), (100, 900), (200, 900), (200, 0)]):
        (pen.lineTo if number else pen.moveTo)(corner)
    pen.closePath()
    bar = pen.glyph()
    builder.setupGlyf(dict.fromkeys(names, bar))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (400, 100)))
    builder.setupHorizontalHeader(ascent=1000, descent=-200)
    builder.setupNameTable({"familyName": "Bars", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return path


@pytest.fixture
def drawn(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str, bytes]]:  # noqa: F811
    """What a query says that draws the name with these fonts, and the pixels."""
    stroke(f"album/{NAME}/1.png", 5)
    run("enroll album --labels folders")

    def with_fonts(*files: Path) -> tuple[str, bytes]:
        monkeypatch.setattr(fonts, "installed", lambda: files)
        said = run("query album --threshold 0.3 --draw out.png")
        assert said.code == 0
        return said.err, Image.open("out.png").tobytes()

    return with_fonts


def test_a_missing_font_is_one_line_that_names_it_and_an_installed_one_is_used(
    drawn: Callable[..., tuple[str, bytes]], tmp_path: Path
) -> None:
    said, boxes = drawn()
    complaints = [line for line in said.splitlines() if "font" in line]
    assert complaints == ["identity: no font here has U+0905 (Devanagari): install Noto Sans Devanagari"]
    said, letters = drawn(font_of_bars(tmp_path / "bars.ttf"))
    assert "font" not in said
    assert letters != boxes


def test_charts_look_for_letters_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def warnings_with(*files: Path) -> list[str]:
        monkeypatch.setattr(fonts, "installed", lambda: files)
        with pytest.warns(UserWarning) as said:  # noqa: PT030 (whose texts are asserted)
            draw_sizes(["Ὀδυσσεύς", NAME, "Ярослава", "عائشة", "李"], [5, 4, 3, 2, 1], noise=0, path=chart, title="က")
        return sorted({str(one.message) for one in said})

    chart = tmp_path / "sizes.png"
    myanmar = "no font here has U+1000 (Myanmar): install Noto Sans Myanmar"
    assert warnings_with() == [
        "no font here has U+0905 (Devanagari): install Noto Sans Devanagari", myanmar,
        "no font here has U+674E (CJK): install Noto Sans CJK",
    ]  # fmt: skip
    assert warnings_with(font_of_bars(tmp_path / "bars.ttf")) == [myanmar]
