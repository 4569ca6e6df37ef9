"""Each identity's calibration scores with its threshold, and where strangers' scores lie against them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from identity.core.errors import UsageError
from identity.plots import style

MOST_ROWS = 30
BINS = 60


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """One identity: its calibration scores (n,), its threshold, and whether they were enough for one of its own."""

    name: str
    scores: NDArray[np.floating]
    threshold: float
    n: int
    enough: bool


def draw(
    classes: Sequence[ThresholdRow],
    *,
    asked: str,  # what was asked of the rule, such as "alpha 0.01"
    path: Path,
    unknown_scores: Mapping[str, NDArray[np.floating]] | None = None,
) -> None:
    """A row per identity; below them strangers' scores, 1 being the threshold. Raises `UsageError` without rows."""
    style.check_path(path)
    rows = sorted(classes, key=lambda row: -row.n)[:MOST_ROWS]
    rows.sort(key=lambda row: row.name)
    if not rows:
        raise UsageError("there are no thresholds to draw: run 'identity calibrate' first")
    strangers = {name: -scores[np.isfinite(scores)] for name, scores in (unknown_scores or {}).items()}
    height = 1.6 + 0.45 * len(rows)
    figure = style.figure(10, height + (2.6 if strangers else 0))
    ratios = [height, 2.6] if strangers else [height]
    parts = figure.subplots(len(ratios), 1, squeeze=False, height_ratios=ratios)[:, 0]
    _draw_rows(parts[0], rows)
    if strangers:
        draw_strangers(parts[1], strangers)
    style.heading(figure, f"How far is too far: beyond its line, an identity refuses a probe ({asked})")
    style.save(figure, path)


def _draw_rows(axes: Axes, rows: Sequence[ThresholdRow]) -> None:
    rng = np.random.default_rng(0)
    limit = 1.35 * max(row.threshold for row in rows if np.isfinite(row.threshold))
    for place, row in enumerate(rows):
        scores = row.scores[np.isfinite(row.scores)]
        height = place + rng.uniform(-0.28, 0.28, len(scores))
        beyond = scores > row.threshold
        axes.scatter(np.minimum(scores, limit), height, s=5, alpha=0.35, linewidths=0,
                     c=[style.REFUSED if far else style.KNOWN for far in beyond])  # fmt: skip
        axes.plot([row.threshold] * 2, [place - 0.4, place + 0.4], color=style.INK, linewidth=2)
        note = f"{row.threshold:.3f}" if row.enough else f"{row.threshold:.3f} pooled"
        axes.annotate(note, (row.threshold, place), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8)
    axes.set_yticks(range(len(rows)), [style.plain_text(f"{row.name}  (n={row.n})") for row in rows])
    axes.set_xlim(0, limit)
    axes.invert_yaxis()
    style.dress(axes, x="distance of calibration samples to their own identity (orange: refused)", grid="x")


def draw_strangers(axes: Axes, strangers: Mapping[str, NDArray[np.floating]]) -> None:
    """How far strangers of each source are, 1 being the threshold."""
    limit = max(2.0, min(8.0, max(float(np.quantile(one, 0.99)) for one in strangers.values())))
    for (name, relative), colour in zip(strangers.items(), style.STRANGERS, strict=False):
        inside = float((relative <= 1).mean())
        shown = np.minimum(relative, limit)
        label = style.plain_text(f"{Path(name).name}: {inside:.1%} within a threshold")
        axes.hist(shown, bins=np.linspace(0, limit, BINS).tolist(), color=colour, alpha=0.6, label=label)
    axes.axvline(1, color=style.INK, linewidth=2)
    style.dress(axes, x="strangers' distance, as a multiple of the nearest threshold", y="strangers")
    style.legend(axes)
