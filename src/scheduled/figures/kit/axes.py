"""Axes: ticks and limits, bars of intervals, and what is written where nothing can be drawn."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.markers import CARETDOWN, CARETUP
from matplotlib.ticker import EngFormatter, FuncFormatter, LogLocator, NullFormatter

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

from scheduled.core.rounding import ROUNDING
from scheduled.figures.kit.style import small
from scheduled.figures.kit.tables import cooldown_start

LOSS_LABELS = {
    "final_val_loss": "final validation loss",
    "last_val_loss": "last validation loss of the curve",
    "final_train_loss": "final training loss",
}
"""What axes call the losses of an analysis."""


def number(value: float) -> str:
    """A number as all figures write it: at most three digits, a minus sign that is one.

    Examples
    --------
    >>> number(-0.0025), number(0.983333), number(3000), number(0.00002)
    ('−0.0025', '0.983', '3,000', '2·10⁻⁵')
    """
    text = f"{value:.3g}"
    if 1000 <= abs(value) < 1e6:
        text = f"{float(text):,.0f}"
    elif "e" in text:
        digits, power = text.split("e")
        digits = "" if digits == "1" else f"{digits}·"
        text = f"{digits}10{str(int(power)).translate(_RAISED)}"
    return text.replace("-", "−")


_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def sign_cuts(*panels: Axes) -> None:
    """Mark, above each panel, lines that continue beyond its axes, upwards or downwards.

    Call it when the limits are set.
    """
    for axes in panels:
        (left, right), (low, high) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
        points = [
            np.asarray(line.get_xydata(), float)
            for line in axes.lines
            if line.get_transform() == axes.transData
        ]
        seen = [y for line in points for x, y in line if left <= x <= right]
        above, below = any(y > high for y in seen), any(y < low for y in seen)
        if above or below:
            arrows = "↑" * above + "↓" * below
            axes.set_title(f"{arrows} continues", loc="right", fontsize=small(), color="#555555")


def plain_log_axis(axis: Axis) -> None:
    """Ticks of a logarithmic axis, written as plain numbers; call it when the limits are set."""
    low, high = axis.get_view_interval()
    # As many ticks a decade as leave room for their labels.
    subs = (1.0, 2.0, 5.0) if high < 150 * low else (1.0, 3.0) if high < 5000 * low else (1.0,)
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axis.set_minor_locator(LogLocator(subs=range(2, 10)))
    axis.set_minor_formatter(NullFormatter())


def step_axis(axes: Axes, last: int) -> None:
    """The horizontal axis of steps 0…``last``, in thousands where there are many."""
    axes.set(xlabel="step t", xlim=(0, 1.02 * last))
    if last >= 10_000:
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))


COOLDOWN = "#555555"


def mark_cooldown(axes: Axes, rows: pd.DataFrame) -> bool:
    """A vertical line where a learning rate, the largest until then, begins to fall.

    Parameters
    ----------
    axes : Axes
    rows : DataFrame
        Of one schedule, columns step and learning_rate.

    Returns
    -------
    bool
        Whether there is one: a schedule that falls from its first step on has none.
    """
    start = cooldown_start(rows)
    if start is not None:
        axes.axvline(start, color=COOLDOWN, lw=0.8, ls=(0, (2, 2)), zorder=0)
    return start is not None


def limits(values: Iterable[float], margin: float = 0.05) -> tuple[float, float]:
    """Ends of an axis around all finite values; around 1 if there are none."""
    finite = [value for value in values if math.isfinite(value)] or [0.0, 2.0]
    low, high = min(finite), max(finite)
    size = max(abs(low), abs(high))
    pad = margin * (high - low if high - low > ROUNDING * size else size or 1.0)
    return low - pad, high + pad


def draw_bars(axes: Axes, rows: pd.DataFrame, x: str, color: Any) -> None:
    """Vertical bars from ``low`` to ``high``; one that continues beyond the axis ends in an arrow.

    Missing bars and such of no length are left out. The axis must have its limits.
    """
    known = rows.dropna(subset=["low", "high"])
    known = known[known["low"] < known["high"]]
    at = known[x].to_numpy(float)
    bottom, top = axes.get_ylim()
    low, high = known["low"].to_numpy(float), known["high"].to_numpy(float)
    axes.vlines(at, np.maximum(low, bottom), np.minimum(high, top), color=color, lw=0.9)
    for beyond, end, marker in (
        (low < bottom, bottom, CARETDOWN),
        (high > top, top, CARETUP),
    ):
        if beyond.any():
            axes.plot(
                at[beyond], np.full(beyond.sum(), end), color=color, ls="none", marker=marker, ms=4,
            )  # fmt: skip


def say(axes: Axes, text: str) -> None:
    """Write on empty axes why they are empty."""
    axes.text(
        0.5, 0.5, textwrap.fill(text, 36), transform=axes.transAxes,
        ha="center", va="center", color="#555555",
    )  # fmt: skip
