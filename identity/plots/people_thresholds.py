"""A gallery's own pairs of faces with the thresholds that decide about people: how many pairs lie where, and how often.

Above, the pairs of one person and of different people by distance; below, what a threshold at a distance would cost:
the share of pairs of different people within it (FMR) and of one person's pairs beyond it (FNMR).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from identity.core.errors import UsageError
from identity.plots import style
from identity.plots.thresholds import draw_strangers

LARGEST = 2.0  # cosine distance
BARS = 100
LOWEST = 1e-5
DASHES = ("-", "--", ":")
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ThresholdLine:
    """A threshold, and what it means; `reach` is how far that of single people lies from it, nearest and farthest."""

    distance: float
    meaning: str
    reach: tuple[float, float] | None = None


def draw(
    strangers: Counts,  # (b,) pairs of different people by distance, over 0..2
    mates: Counts,  # (b,) pairs of one person's photographs
    lines: Sequence[ThresholdLine],
    *,
    note: str,
    path: Path,
    unknown_scores: Mapping[str, NDArray[np.floating]] | None = None,
) -> None:
    """Draw pairs, error rates and thresholds. Raises `UsageError` where there are no pairs."""
    style.check_path(path)
    if not strangers.sum() + mates.sum():
        raise UsageError(
            "there are no pairs of named faces to draw: enroll photographs with --labels, or name clusters with "
            "'identity people name'"
        )
    asked = {name: -scores[np.isfinite(scores)] for name, scores in (unknown_scores or {}).items()}
    figure = style.figure(10, 9 + (2.6 if asked else 0))
    parts = figure.subplots(3 if asked else 2, 1, squeeze=False, height_ratios=[4, 3, 2.6][: 3 if asked else 2])[:, 0]
    limit = _limit(strangers + mates, lines)
    _draw_pairs(parts[0], strangers, mates)
    _draw_rates(parts[1], strangers, mates)
    for axes in parts[:2]:
        _draw_lines(axes, lines)
        axes.set_xlim(0, limit)
    above = parts[0].legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False, fontsize=9, labelcolor=style.INK)
    for text in above.get_texts():
        text.set_parse_math(False)
    if asked:
        draw_strangers(parts[2], asked)
    style.heading(figure, "How near one person's faces lie, how near those of others, and where the lines are", note)
    style.save(figure, path)


def _limit(counts: Counts, lines: Sequence[ThresholdLine]) -> float:
    farthest = float(np.flatnonzero(counts)[-1] + 1) / len(counts) * LARGEST
    return min(LARGEST, 1.05 * max(farthest, *(line.distance for line in lines)))


def _draw_pairs(axes: Axes, strangers: Counts, mates: Counts) -> None:
    edges = np.linspace(0, LARGEST, BARS + 1)
    for counts, colour, of in ((mates, style.KNOWN, "one person"), (strangers, style.REFUSED, "different people")):
        n = int(counts.sum())
        if n:
            shares = counts.reshape(BARS, -1).sum(axis=1) / n
            axes.stairs(shares, edges, fill=True, color=colour, alpha=0.55, label=f"{n:,} pairs of {of}")
    style.dress(axes, y="share of these pairs")


def _draw_rates(axes: Axes, strangers: Counts, mates: Counts) -> None:
    distances = np.arange(1, len(strangers) + 1) / len(strangers) * LARGEST
    within = np.cumsum(strangers) / max(1, strangers.sum())
    beyond = 1 - np.cumsum(mates) / max(1, mates.sum()) if mates.sum() else np.zeros(len(mates))
    axes.plot(distances, np.where(within > 0, within, np.nan), color=style.REFUSED, linewidth=2, label="FMR")
    axes.plot(distances, np.where(beyond > 1e-12, beyond, np.nan), color=style.KNOWN, linewidth=2, label="FNMR")
    axes.set_yscale("log")
    axes.set_ylim(LOWEST, 1.2)
    style.dress(axes, x="cosine distance", y="share of pairs that err", grid="both")
    style.legend(axes)


def _draw_lines(axes: Axes, lines: Sequence[ThresholdLine]) -> None:
    for line, dashes in zip(lines, DASHES, strict=False):
        if line.reach is not None:
            axes.axvspan(*line.reach, color=style.FAINT, zorder=0)
        label = style.plain_text(f"{line.distance:.3f} {line.meaning}")
        axes.axvline(line.distance, color=style.INK, linewidth=1.6, linestyle=dashes, label=label)
