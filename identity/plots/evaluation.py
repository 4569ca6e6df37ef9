"""What an evaluation found: scores of known and unknown probes, the ROC, and what strangers are taken for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import NDArray

from identity.core.answers import Verdict
from identity.core.metrics import auroc, roc_curve
from identity.plots import style

BINS = 70
LOWEST_FPR = 1e-4
FARTHEST = -6.0  # thresholds; everything farther is drawn there
MOST_LABELS = 26

Scores = NDArray[np.floating]
TakenFor = Mapping[str, Mapping[str, float]]  # stranger's label -> identity named -> share


def draw(
    known: Scores, unknown: Mapping[str, Scores], taken_for: Mapping[str, TakenFor], *, path: Path
) -> None:
    """Histograms (-1 is the threshold), ROC with a logarithmic axis, and by source what each label is taken for."""
    style.check_path(path)
    heights = [0.9 + 0.3 * max(1, len(_names(taken))) for taken in taken_for.values()]
    figure = style.figure(12, 5 + sum(heights))
    grid = figure.add_gridspec(1 + len(heights), 2, height_ratios=[5, *heights])
    colours = dict(zip(unknown, style.STRANGERS * (1 + len(unknown) // len(style.STRANGERS)), strict=False))
    _draw_scores(figure.add_subplot(grid[0, 0]), known, unknown, colours)
    _draw_roc(figure.add_subplot(grid[0, 1]), known, unknown, colours)
    for place, (source, taken) in enumerate(taken_for.items(), start=1):
        _draw_taken_for(figure.add_subplot(grid[place, :]), source, taken, colours[source])
    style.heading(figure, "Known probes score above -1, strangers should stay below")
    style.save(figure, path)


def _draw_scores(axes: Axes, known: Scores, unknown: Mapping[str, Scores], colours: Mapping[str, str]) -> None:
    bins = np.linspace(FARTHEST, 0, BINS).tolist()
    for name, scores, colour in [("known", known, style.KNOWN), *((n, s, colours[n]) for n, s in unknown.items())]:
        weights = np.full(len(scores), 1 / max(len(scores), 1))
        shown = np.maximum(scores, FARTHEST)
        label = style.plain_text(_short_name(name))
        axes.hist(shown, bins=bins, weights=weights, color=colour, alpha=0.55, label=label)
    axes.axvline(-1, color=style.INK, linewidth=1.5)
    style.dress(axes, title="Scores", x="score: minus distance over threshold", y="share of probes")
    style.legend(axes)


def _draw_roc(axes: Axes, known: Scores, unknown: Mapping[str, Scores], colours: Mapping[str, str]) -> None:
    for name, scores in unknown.items():
        fpr, tpr = roc_curve(known, scores)
        label = style.plain_text(f"{_short_name(name)}: AUROC {auroc(known, scores):.4f}")
        axes.plot(np.maximum(fpr, LOWEST_FPR), tpr, color=colours[name], linewidth=2, label=label)
    axes.set_xscale("log")
    axes.set_xlim(LOWEST_FPR, 1)
    axes.set_ylim(0, 1.02)
    style.dress(axes, title="ROC", x="share of strangers accepted", y="share of known accepted", grid="both")
    style.legend(axes)


def _draw_taken_for(axes: Axes, source: str, taken: TakenFor, colour: str) -> None:
    """A table of shares: a column for each label, a row for each name."""
    labels, names = _labels(taken), _names(taken)
    shares = np.array([[taken[label].get(name, 0.0) for label in labels] for name in names]).reshape(-1, len(labels))
    shades = LinearSegmentedColormap.from_list("taken", [style.PAPER, colour])
    axes.pcolormesh(shares, cmap=shades, vmin=0, vmax=1, edgecolors=style.FAINT, linewidth=0.8)
    for (row, column), share in np.ndenumerate(shares):
        if share > 0:
            ink = style.PAPER if share > 0.6 else style.INK
            per_cent = f"{100 * share:.0f}" if share >= 0.0095 else f"{100 * share:.1g}"
            axes.text(column + 0.5, row + 0.5, per_cent, ha="center", va="center", fontsize=8, color=ink)
    axes.set_xticks(np.arange(len(labels)) + 0.5, [style.plain_text(label or "(none)") for label in labels])
    axes.set_yticks(np.arange(len(names)) + 0.5, [style.plain_text(name) for name in names])
    axes.invert_yaxis()
    finding = "what each label is taken for, per cent" if names else "no stranger is taken for anybody"
    style.dress(axes, title=f"{_short_name(source)}: {finding}", x="label of the stranger", y="named", grid="")


def _labels(taken: TakenFor) -> list[str]:
    """All labels, in their own order, or the most accepted ones where they are too many."""
    most = sorted(taken, key=lambda label: -sum(taken[label].values()))[:MOST_LABELS]
    return [label for label in taken if label in most]


def _names(taken: TakenFor) -> list[str]:
    """What strangers are taken for, ambiguous last."""
    names = {name for label in _labels(taken) for name in taken[label]}
    return sorted(names, key=lambda name: (name == Verdict.AMBIGUOUS.value, name))


def _short_name(source: str) -> str:
    """A source's own name: a file of IDX images is called after its folder, since all are called alike."""
    path = Path(source)
    return path.parent.name if "idx3-ubyte" in path.name and path.parent.name else path.name
