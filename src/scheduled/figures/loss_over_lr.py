"""Loss of runs against the base LR, with the fitted curves and optima: all, and the lowest."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scheduled.core.rounding import ROUNDING
from scheduled.figures.kit.analysed import LOSS_LABELS, draw_bars, limits, say
from scheduled.figures.kit.lines import explain_lines, lines
from scheduled.figures.kit.style import legend_line, new_figure, plain_log_axis

LOW_PART = 0.25
"""Part of the range of losses that is shown enlarged."""
LOOKS: dict[str, dict[str, Any]] = {
    "point": {"ls": "none", "marker": "o", "ms": 3.5},
    "optimum": {"ls": "none", "marker": "*", "ms": 11, "mec": "white", "mew": 0.8, "zorder": 4},
}


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.loss_over_lr`.

    Parameters
    ----------
    table : DataFrame
        Columns schedule (the series), horizon, value (if one varies), mark (``point``, ``curve``,
        ``optimum``), lr, loss, low, high.
    ink : dict
        ``labels``, ``loss`` (what the loss is of), ``vary_label``, sizes and title.
    """
    figure, (whole, near) = new_figure(ink, panels=2)
    if table.empty:
        say(whole, "no run has a loss")
        return figure
    for axes in (whole, near):
        axes.set(xscale="log", xlabel="base learning rate γ")
        axes.set_xlim(table["lr"].min() / 1.2, table["lr"].max() * 1.2)
        axes.set_ylim(limits([*table["loss"], *table["low"], *table["high"]]))
        _draw_lines(axes, table, ink)
    _show_low_losses(near, table)
    whole.set_ylabel(LOSS_LABELS[ink["loss"]])
    for axes, title in ((whole, "all"), (near, "the lowest losses")):
        axes.set_title(title)
        plain_log_axis(axes.xaxis)
    notes = {
        "point": legend_line("runs", "#444444", "none", "o"),
        "curve": legend_line("fit A/γ + Bγ + C", "#444444"),
        "optimum": legend_line("optimum √(A/B)", "#444444", "none", "*"),
    }
    shown = [note for mark, note in notes.items() if (table["mark"] == mark).any()]
    explain_lines(figure, [whole, near], table, ink, extra=shown)
    return figure


def _draw_lines(axes: Axes, table: pd.DataFrame, ink: dict[str, Any]) -> None:
    # Colours are those of all lines together, so that a case has one colour whatever was fitted.
    for line in lines(table, ink["labels"]):
        for mark, rows in line.rows.groupby("mark"):
            look = LOOKS.get(str(mark), {"ls": line.dashes, "lw": 1.2})
            axes.plot(rows["lr"], rows["loss"], color=line.color, **look)
        draw_bars(axes, line.rows, "lr", line.color)


def _show_low_losses(axes: Axes, table: pd.DataFrame) -> None:
    """Narrow the axes to the lowest part of the losses, where the optima are."""
    low, high = table["loss"].min(), table["loss"].max()
    top = low + LOW_PART * (high - low)
    points = table[(table["mark"] == "point") & (table["loss"] <= top + ROUNDING * high)]
    if points["lr"].nunique() > 1:
        axes.set_ylim(limits([low, top]))
        axes.set_xlim(points["lr"].min() / 1.1, points["lr"].max() * 1.1)
