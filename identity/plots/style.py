"""One look for every picture: colours the colour-blind can tell apart, quiet axes, titles that say what is seen.

Figures are made through the object-oriented API, so that no global state of matplotlib is read or changed.
Colours: Petroff, "Accessible Color Sequences for Data Visualization", 2021; known and unknown: Okabe & Ito, 2008.
"""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import TypeVar

from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from identity.core.errors import UsageError
from identity.plots.fonts import give_letters

PALETTE = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6",
    "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip
INK = "#22262b"
QUIET = "#6b7280"
FAINT = "#e4e7eb"
PAPER = "#ffffff"
KNOWN = "#0072b2"
REFUSED = "#d55e00"
STRANGERS = ("#d55e00", "#cc79a7", "#009e73", "#e69f00", "#56b4e9", "#22262b")
SUFFIXES = (".png", ".svg", ".pdf")
DPI = 160

Name = TypeVar("Name", bound=Hashable)


def figure(width_in: float, height_in: float) -> Figure:
    """An empty figure that keeps its parts from overlapping."""
    made = Figure(figsize=(width_in, height_in), dpi=DPI, facecolor=PAPER, layout="constrained")
    made.get_layout_engine().set(w_pad=0.12, h_pad=0.12)  # type: ignore[union-attr, call-arg]
    return made


def dress(axes: Axes, *, title: str = "", x: str = "", y: str = "", grid: str = "y") -> None:
    """Quiet axes with a bold title on the left; `grid` names the axis with lines: "x", "y", "both" or ""."""
    axes.set_title(plain_text(title), loc="left", fontsize=12, fontweight="bold", color=INK, pad=10)
    axes.set_xlabel(plain_text(x), fontsize=10, color=QUIET)
    axes.set_ylabel(plain_text(y), fontsize=10, color=QUIET)
    axes.tick_params(which="both", colors=QUIET, labelsize=9, length=0)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(QUIET)
    if grid:
        axes.grid(visible=True, axis=grid, color=FAINT, linewidth=0.8)  # type: ignore[arg-type]


def heading(figure: Figure, title: str, note: str = "") -> None:
    """The figure's one-sentence title at the upper left, with a quiet line of explanation under it."""
    width_pt = figure.get_figwidth() * 72
    figure.suptitle(
        plain_text(title), x=9 / width_pt, ha="left", fontsize=13.5, fontweight="bold", color=INK, linespacing=1.4
    )
    if note:
        figure.supxlabel(plain_text(note), x=9 / width_pt, ha="left", fontsize=9, color=QUIET)


def legend(axes: Axes) -> None:
    """A frameless legend in the emptiest corner."""
    made = axes.legend(frameon=False, fontsize=9, labelcolor=INK, handlelength=1.4)
    for text in made.get_texts():
        text.set_parse_math(False)


def plain_text(text: str) -> str:
    """Text that is drawn as it stands: a dollar in a name starts no formula."""
    return text.replace("$", r"\$")


def colours(names: Iterable[Name]) -> dict[Name, tuple[float, float, float]]:
    """A colour for each distinct name in order of appearance; past ten, colours repeat, darker each time."""
    distinct = list(dict.fromkeys(names))
    return {name: _nth_colour(place) for place, name in enumerate(distinct)}


def save(figure: Figure, path: Path) -> None:
    """Write the figure in the format its suffix names. Raises `UsageError` for another suffix or an absent folder."""
    check_path(path)
    give_letters(figure)
    try:
        with warnings.catch_warnings():  # of boxes for missing letters somebody was warned in better words
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            figure.savefig(path, facecolor=PAPER)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}; choose another file with -o") from error


def check_path(path: Path) -> None:
    """Refuse, before anything slow, a file that cannot be drawn. Raises `UsageError`."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"cannot draw {path.name}: end the file's name in {', '.join(SUFFIXES)}")
    if not path.parent.is_dir():
        raise UsageError(f"no folder {path.parent} to draw into: create it, or choose another file")


def _nth_colour(place: int) -> tuple[float, float, float]:
    red, green, blue = to_rgb(PALETTE[place % len(PALETTE)])
    shade = (1.0, 0.72, 0.5)[place // len(PALETTE) % 3]
    return red * shade, green * shade, blue * shade

