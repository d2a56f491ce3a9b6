"""Axes: ticks and limits, bars of intervals, and what is written where nothing can be drawn."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.ticker import EngFormatter, FuncFormatter, LogLocator, NullLocator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

from scheduled.core.rounding import ROUNDING

LOSS_LABELS = {
    "final_val_loss": "final validation loss",
    "last_val_loss": "last validation loss of the curve",
    "final_train_loss": "final training loss",
}
"""What axes call the losses of an analysis."""


def plain_log_axis(axis: Axis) -> None:
    """Ticks of a logarithmic axis, written as plain numbers; call it when the limits are set."""
    low, high = axis.get_view_interval()
    # As many ticks a decade as leave room for their labels.
    subs = (1.0, 2.0, 5.0) if high < 150 * low else (1.0, 3.0) if high < 5000 * low else (1.0,)
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(NullLocator())


def step_axis(axes: Axes, last: int) -> None:
    """The horizontal axis of steps 0…``last``, in thousands where there are many."""
    axes.set(xlabel="step t", xlim=(0, 1.02 * last))
    if last >= 10_000:
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))


def limits(values: Iterable[float], margin: float = 0.05) -> tuple[float, float]:
    """Ends of an axis around all finite values; around 1 if there are none."""
    finite = [value for value in values if math.isfinite(value)] or [0.0, 2.0]
    low, high = min(finite), max(finite)
    size = max(abs(low), abs(high))
    pad = margin * (high - low if high - low > ROUNDING * size else size or 1.0)
    return low - pad, high + pad


def draw_bars(axes: Axes, rows: pd.DataFrame, x: str, color: Any) -> None:
    """Vertical bars from ``low`` to ``high``; one without an end goes to the end of the axis.

    Missing bars and such of no length are left out. The axis must have its limits.
    """
    known = rows.dropna(subset=["low", "high"])
    known = known[known["low"] < known["high"]]
    low, high = (np.clip(known[name].to_numpy(float), *axes.get_ylim()) for name in ("low", "high"))
    axes.vlines(known[x].to_numpy(float), low, high, color=color, lw=1.1)


def say(axes: Axes, text: str) -> None:
    """Write on empty axes why they are empty."""
    axes.text(
        0.5, 0.5, textwrap.fill(text, 36), transform=axes.transAxes,
        ha="center", va="center", color="#555555",
    )  # fmt: skip
