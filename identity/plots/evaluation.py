"""What an evaluation found: scores of known and unknown probes, the ROC, and which strangers are accepted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from identity.core.metrics import auroc, roc_curve
from identity.plots import style

BINS = 70
LOWEST_FPR = 1e-4
FARTHEST = -6.0  # thresholds; everything farther is drawn there
MOST_BARS = 26

Scores = NDArray[np.floating]


def draw(
    known: Scores, unknown: Mapping[str, Scores], accepted: Mapping[str, Mapping[str, float]], *, path: Path
) -> None:
    """Histograms (-1 is the threshold), ROC with a logarithmic axis, and accepted shares per label, by source."""
    style.check_path(path)
    figure = style.figure(12, 5 + 2.4 * len(accepted))
    grid = figure.add_gridspec(1 + len(accepted), 2, height_ratios=[5, *[2.4] * len(accepted)])
    colours = dict(zip(unknown, style.STRANGERS * (1 + len(unknown) // len(style.STRANGERS)), strict=False))
    _draw_scores(figure.add_subplot(grid[0, 0]), known, unknown, colours)
    _draw_roc(figure.add_subplot(grid[0, 1]), known, unknown, colours)
    for place, (source, shares) in enumerate(accepted.items(), start=1):
        _draw_accepted(figure.add_subplot(grid[place, :]), source, shares, colours[source])
    style.heading(figure, "Known probes score above -1, strangers should stay below")
    style.save(figure, path)


def _draw_scores(axes: Axes, known: Scores, unknown: Mapping[str, Scores], colours: Mapping[str, str]) -> None:
    bins = np.linspace(FARTHEST, 0, BINS).tolist()
    for name, scores, colour in [("known", known, style.KNOWN), *((n, s, colours[n]) for n, s in unknown.items())]:
        weights = np.full(len(scores), 1 / max(len(scores), 1))
        shown = np.maximum(scores, FARTHEST)
        axes.hist(shown, bins=bins, weights=weights, color=colour, alpha=0.55, label=style.plain(Path(name).name))
    axes.axvline(-1, color=style.INK, linewidth=1.5)
    style.dress(axes, title="Scores", x="score: minus distance over threshold", y="share of probes")
    style.legend(axes)


def _draw_roc(axes: Axes, known: Scores, unknown: Mapping[str, Scores], colours: Mapping[str, str]) -> None:
    for name, scores in unknown.items():
        fpr, tpr = roc_curve(known, scores)
        label = style.plain(f"{Path(name).name}: AUROC {auroc(known, scores):.4f}")
        axes.plot(np.maximum(fpr, LOWEST_FPR), tpr, color=colours[name], linewidth=2, label=label)
    axes.set_xscale("log")
    axes.set_xlim(LOWEST_FPR, 1)
    axes.set_ylim(0, 1.02)
    style.dress(axes, title="ROC", x="share of strangers accepted", y="share of known accepted", grid="both")
    style.legend(axes)


def _draw_accepted(axes: Axes, source: str, shares: Mapping[str, float], colour: str) -> None:
    shown = dict(sorted(shares.items(), key=lambda entry: -entry[1])[:MOST_BARS])
    axes.bar(range(len(shown)), [100 * share for share in shown.values()], color=colour)
    axes.set_xticks(range(len(shown)), [style.plain(label or "(none)") for label in shown])
    axes.set_ylim(0, 100)
    style.dress(axes, title=f"Accepted, by label: {Path(source).name}", y="per cent")
