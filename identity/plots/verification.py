"""Error rates of pairs of faces: FMR and FNMR over the distance, and one against the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from identity.plots import style

LOWEST = 1e-5
Rates = NDArray[np.float64]


def draw(
    distances: Rates, fmr: Rates, fnmr: Rates, *, thresholds: tuple[float, float], photographs: int, path: Path
) -> None:
    """Rates (m,) at cosine distances (m,); `thresholds` are the gallery's two, between which a pair is uncertain."""
    style.check_path(path)
    figure = style.figure(12, 5)
    axes = figure.subplots(1, 2)
    _draw_rates(axes[0], distances, fmr, fnmr, thresholds)
    _draw_trade(axes[1], fmr, fnmr)
    style.heading(
        figure,
        "Pairs of different people that match, pairs of one person that do not",
        f"All pairs among {photographs} photographs. FMR and FNMR as in ISO/IEC 19795.",
    )
    style.save(figure, path)


def _draw_rates(axes: Axes, distances: Rates, fmr: Rates, fnmr: Rates, thresholds: tuple[float, float]) -> None:
    axes.axvspan(*thresholds, color=style.FAINT, label="uncertain")
    axes.plot(distances, np.where(fmr > 0, fmr, np.nan), color=style.REFUSED, linewidth=2, label="FMR")
    axes.plot(distances, np.where(fnmr > 0, fnmr, np.nan), color=style.KNOWN, linewidth=2, label="FNMR")
    axes.set_yscale("log")
    axes.set_ylim(LOWEST, 1.2)
    axes.set_xlim(0, 1.2)
    style.dress(axes, title="Error rates", x="cosine distance accepted", y="share of pairs", grid="both")
    style.legend(axes)


def _draw_trade(axes: Axes, fmr: Rates, fnmr: Rates) -> None:
    seen = (fmr > 0) & (fnmr > 0)
    axes.plot(fmr[seen], fnmr[seen], color=style.INK, linewidth=2)
    if seen.any():
        axes.set_xscale("log")
        axes.set_yscale("log")
        _whole_decades(axes, fmr[seen], fnmr[seen])
    else:
        axes.text(0.5, 0.5, "no distance makes both errors", ha="center", transform=axes.transAxes, color=style.QUIET)
    style.dress(axes, title="What one costs in the other", x="FMR", y="FNMR", grid="both")


def _whole_decades(axes: Axes, fmr: Rates, fnmr: Rates) -> None:
    """Ticks at powers of ten alone: names between them run into each other."""
    for axis, rates, limit in ((axes.xaxis, fmr, axes.set_xlim), (axes.yaxis, fnmr, axes.set_ylim)):
        limit(10.0 ** np.floor(np.log10(rates.min())), 10.0 ** np.ceil(np.log10(rates.max()) + 1e-9))
        axis.set_minor_formatter(NullFormatter())
