"""Loss over the steps of a training: every value faint, the trend on top, so that one can see whether it learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from identity.core.errors import UsageError
from identity.plots import style

Floats = NDArray[np.float64]
SERIES = (style.KNOWN, *style.STRANGERS)
LOG_SPAN = 20.0  # a trend that falls by more than this factor is drawn on a logarithmic axis


def draw(curves: Mapping[str, Sequence[tuple[int, float]]], *, path: Path) -> None:
    """Draw the loss curve of each name, (step, loss) pairs in order of step.

    Raises `UsageError` where there is nothing to draw and for a file that cannot be written.
    """
    style.check_path(path)
    finite = {name: _finite_points(curve) for name, curve in curves.items()}
    if not finite or any(not len(steps) for steps, _ in finite.values()):
        raise UsageError("no loss was recorded for this model: draw one made by 'identity train'")
    figure = style.figure(9, 5)
    axes = figure.add_subplot()
    trends = {name: smooth(losses) for name, (_, losses) in finite.items()}
    for name, (steps, losses) in finite.items():
        _draw_curve(axes, name, steps, losses, trends[name])
    _scale(axes, list(trends.values()), [losses for _, losses in finite.values()])
    style.dress(axes, x="training step", y="loss")
    if len(finite) > 1:
        style.legend(axes)
    style.heading(figure, _title(finite, trends), "thin: as recorded; thick: moving average")
    style.save(figure, path)


def smooth(losses: Floats) -> Floats:
    """A centred moving average (n,) over a twenty-fifth of the curve; at the ends over what there is of it.

    At the start, where a loss falls fast, as many values follow as go before; at the end the last ones count together.
    """
    reach = len(losses) // 50
    total = np.concatenate([[0.0], np.cumsum(losses)])
    places = np.arange(len(losses))
    width = np.minimum(reach, places)
    low, high = places - width, np.minimum(places + width + 1, len(losses))
    return np.asarray((total[high] - total[low]) / (high - low))


def _finite_points(curve: Sequence[tuple[int, float]]) -> tuple[Floats, Floats]:
    values = np.array(curve, np.float64).reshape(-1, 2)
    values = values[np.isfinite(values).all(axis=1)]
    return values[:, 0], values[:, 1]


def _draw_curve(axes: Axes, name: str, steps: Floats, losses: Floats, trend: Floats) -> None:
    colour = SERIES[len(axes.lines) // 2 % len(SERIES)]
    axes.plot(steps, losses, color=colour, alpha=0.25, linewidth=0.8, marker="o" if len(steps) < 3 else "")
    axes.plot(steps, trend, color=colour, linewidth=2.2, label=f"{name}, ends at {trend[-1]:.3g}")


def _scale(axes: Axes, trends: list[Floats], losses: list[Floats]) -> None:
    joined = np.concatenate(trends)
    lowest = np.concatenate(losses).min()
    if lowest > 0 and joined.max() > LOG_SPAN * joined.min():
        axes.set_yscale("log")
    elif lowest >= 0:
        axes.set_ylim(bottom=0)
    axes.margins(x=0.01)


def _title(curves: Mapping[str, tuple[Floats, Floats]], trends: Mapping[str, Floats]) -> str:
    if len(curves) > 1:
        return f"Loss over the training of {len(curves)} models"
    ((name, (steps, _)),) = curves.items()
    start, end = trends[name][0], trends[name][-1]
    verb = "falls" if end < start else "does not fall:"
    return f"{name}: the loss {verb} from {start:.3g} to {end:.3g} in {steps[-1]:,.0f} steps"
