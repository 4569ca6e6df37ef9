"""Two pictures to judge a clustering by: how large its clusters are, and whether eps lies where it should."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from identity.core.errors import UsageError
from identity.plots import style

MOST_BARS = 40


def draw_sizes(names: Sequence[str], sizes: Sequence[int], *, noise: int, path: Path, title: str) -> None:
    """Bars of cluster sizes, largest first; where they are few, by name, noise as the last."""
    style.check_path(path)
    if not sizes and not noise:
        raise UsageError("there is nothing to draw: enroll images first")
    few = len(sizes) <= MOST_BARS
    labels = [*names, *(["noise"] if noise else [])] if few else []
    heights = [*sizes, *([noise] if noise and few else [])]
    colours = [style.KNOWN] * len(sizes) + [style.REFUSED] * (len(heights) - len(sizes))
    figure: Figure = style.figure(max(6.0, min(12.0, 0.3 * len(heights) + 3)), 4.6)
    axes = figure.add_subplot()
    bars = axes.bar(range(len(heights)), heights, color=colours, width=0.75 if few else 1.0)
    if len(labels) <= 30 and few:
        axes.bar_label(bars, fontsize=8, color=style.QUIET, padding=2)
    turned = 60 if len(labels) > 12 or sum(map(len, labels)) > 60 else 0
    align = "right" if turned else "center"
    if few:
        axes.set_xticks(range(len(labels)), [style.plain_text(label) for label in labels], rotation=turned, ha=align)
    axes.margins(x=0.01)
    style.dress(axes, x="" if few else "clusters, largest first", y="samples")
    style.heading(figure, title)
    style.save(figure, path)


def draw_reach(
    distances: NDArray[np.floating], *, eps: float | None, k: int, share: float, path: Path, title: str
) -> None:
    """The k-distance curve: every sample's distance to its k-th other sample, ascending, with eps drawn in.

    `share` is the part of all samples that is drawn (1: all of them).
    """
    style.check_path(path)
    if not len(distances):
        raise UsageError("one sample has no distance to another: enroll more images first")
    ordered = np.sort(distances)
    places = (np.arange(len(ordered)) + 1) / len(ordered)
    figure: Figure = style.figure(8, 4.8)
    axes = figure.add_subplot()
    axes.plot(places, ordered, color=style.KNOWN, linewidth=2)
    if eps is not None:
        within = float((ordered <= eps).mean())
        axes.axhline(eps, color=style.REFUSED, linewidth=1.2)
        axes.annotate(
            f"eps {eps:.3f}: {within:.0%} of the samples have {k} other{'s' if k > 1 else ''} within it",
            (0.01, eps), xytext=(0, 5), textcoords="offset points", color=style.REFUSED, fontsize=9.5,
        )  # fmt: skip
        axes.fill_between(places, 0, ordered, where=ordered <= eps, color=style.KNOWN, alpha=0.12, linewidth=0)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, max(float(ordered[-1]), eps or 0) * 1.12 + 1e-6)
    axes.xaxis.set_major_formatter(lambda value, _place: f"{value:.0%}")
    nearest = "nearest other sample" if k == 1 else f"{k}-th nearest other sample"
    drawn = "samples" if share >= 1 else f"samples (a random {share:.0%} of them)"
    style.dress(axes, x=f"{drawn}, nearest first", y=f"cosine distance to the {nearest}")
    style.heading(figure, title)
    style.save(figure, path)
