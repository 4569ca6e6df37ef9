"""Fonts for every script: of those installed the first that has a text's letters, else the first for each letter.

Where no font here has a letter a box is drawn, and `MissingFontWarning` says which font to install.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from unicodedata import category, name

import matplotlib
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

from identity.core.errors import MissingFontWarning

OURS = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
FAMILY = "DejaVu Sans"
EUROPEAN = ("Latin", "Greek", "Cyrillic")
HAN = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO")
SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))  # of one form of the letter before
ODD_STYLES = ("bold", "italic", "oblique", "light", "thin", "black", "mono", "serif", "condensed", "emoji",
              "lastresort")  # fmt: skip
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # that a family has no bold is no news


def runs(text: str) -> list[tuple[str, Path]]:
    """The text in pieces of one font each. Warns of letters that no font here has."""
    whole = next((file for file in _files_for(text) if _wanted(text) <= _letters(file)), None)
    if whole is not None:
        return [(text, whole)]
    by_font = groupby(_with_fonts(text), key=lambda one: one[1])
    return [("".join(letter for letter, _ in letters), file) for file, letters in by_font]


def families(text: str) -> list[str]:
    """The families to look for a text's letters in, one after the other, as matplotlib knows them."""
    files = dict.fromkeys(file for _, file in runs(text))
    return list(dict.fromkeys([FAMILY, *(_family(file) for file in files)]))


def give_letters(figure: Figure) -> None:
    """Let every text of a figure find its letters."""
    for axes in figure.axes:
        for ticks in (axes.get_xticklabels(), axes.get_yticklabels()):  # which gives them their texts
            _find(ticks)
    _find(one for one in figure.findobj(Text) if isinstance(one, Text))


def _find(texts: Iterable[Text]) -> None:
    for one in texts:
        if not one.get_text().isascii():
            one.set_fontfamily(families(one.get_text()))


def _with_fonts(text: str) -> Iterator[tuple[str, Path]]:
    """Each letter with its font: that of the letter before, where it has this one too."""
    font, missing = OURS, dict[str, str]()
    for letter in text:
        if _wanted(letter) - _letters(font):
            found = next((file for file in _files_for(letter) if ord(letter) in _letters(file)), None)
            font = found or OURS
            if found is None:
                missing.setdefault(_script(letter), letter)
        yield letter, font
    for script, letter in missing.items():
        _warn_of(script, letter)


def _warn_of(script: str, letter: str) -> None:
    cure = f"install {'Noto Sans' if script in EUROPEAN else f'Noto Sans {script}'}" if script else "install one"
    said = f"no font here has U+{ord(letter):04X}{f' ({script})' if script else ''}: {cure}"
    warnings.warn(MissingFontWarning(said, script=script), stacklevel=2)


def _files_for(text: str) -> Iterator[Path]:
    """Fonts in the order in which they are looked through; the system's only where ours does not do."""
    yield OURS
    if not _wanted(text) <= _letters(OURS):
        yield from installed()


@lru_cache
def installed() -> tuple[Path, ...]:
    """The fonts of this system, plain ones first."""
    files = map(Path, font_manager.findSystemFonts())
    return tuple(sorted(files, key=lambda file: (sum(odd in file.stem.lower() for odd in ODD_STYLES), file.name)))


@cache
def _letters(file: Path) -> frozenset[int]:
    try:
        return frozenset(FT2Font(str(file)).get_charmap())
    except (RuntimeError, OSError):  # a file that is no font
        return frozenset()


@cache
def _family(file: Path) -> str:
    """What matplotlib calls a font; one that it has not met it meets now."""
    family = FT2Font(str(file)).family_name
    if file != OURS and family not in font_manager.fontManager.get_font_names():
        font_manager.fontManager.addfont(str(file))
    return family


def _wanted(text: str) -> set[int]:
    """The letters that have to be drawn: neither blanks nor what cannot be seen."""
    return {ord(one) for one in text if not one.isspace() and category(one)[0] != "C" and one not in SELECTORS}


def _script(letter: str) -> str:
    """What Unicode calls the letter's script, as fonts are called after it; empty for what is no letter."""
    word = name(letter, "").partition(" ")[0]
    return "" if category(letter)[0] not in "LM" else "CJK" if word in HAN else word.title()
