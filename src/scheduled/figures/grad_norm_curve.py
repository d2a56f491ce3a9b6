"""Gradient norm of runs over their steps, and the curve fitted to it, one panel a series."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scheduled.figures.kit.analysed import say
from scheduled.figures.kit.lines import value_color
from scheduled.figures.kit.style import (
    legend_line,
    new_figure,
    place_legend,
    plain_log_axis,
    shade,
    step_axis,
)

LOOKS: dict[str, dict[str, Any]] = {
    "fitted": {"lw": 1.8, "ls": "solid"},
    "alone": {"lw": 1.1, "ls": (0, (3, 1.5))},
}
NAMES = {"measured": "measured", "fitted": "one fit to all", "alone": "fit to each run alone"}


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.grad_norm_curve`.

    Parameters
    ----------
    table : DataFrame
        Columns schedule (the series), horizon, value (if one varies), lr, line (``measured``,
        ``fitted``, ``alone``), step, grad_norm.
    ink : dict
        ``labels``, ``vary_label``, sizes and title.
    """
    key = "value" if "value" in table else "horizon"
    panels = [
        (name, member)
        for name in ink["labels"]
        for member in sorted(table.loc[table["schedule"] == name, key].unique())
    ]
    figure, all_axes = new_figure(ink, panels=max(len(panels), 1))
    if table.empty:
        say(all_axes[0], "no run has logged gradient norms")
        return figure
    lrs = sorted(table["lr"].unique())
    low, high = table["grad_norm"].min() / 1.1, table["grad_norm"].max() * 1.1
    for axes, (name, member) in zip(all_axes, panels, strict=True):
        rows = table[(table["schedule"] == name) & (table[key] == member)]
        _draw_panel(axes, rows, lrs)
        axes.set(yscale="log", ylim=(low, high), ylabel="gradient norm")
        plain_log_axis(axes.yaxis)
        title = ink["labels"][name]
        if table.loc[table["schedule"] == name, key].nunique() > 1:
            letter = ink["vary_label"] if key == "value" else "T"
            title += f", {letter} = {member:,}"
        axes.set_title(title)
    for axes in all_axes[1:]:
        axes.set_ylabel("")
    colors = [
        legend_line(f"γ = {lr:g}", value_color(at, range(len(lrs)))) for at, lr in enumerate(lrs)
    ]
    kinds = [legend_line(NAMES["measured"], "#BBBBBB")] + [
        legend_line(NAMES[line], "#222222", LOOKS[line]["ls"])
        for line in LOOKS
        if (table["line"] == line).any()
    ]
    place_legend(figure, colors, kinds)
    return figure


def _draw_panel(axes: Axes, rows: pd.DataFrame, lrs: list[float]) -> None:
    for line in ("measured", "alone", "fitted"):
        for position, lr in enumerate(lrs):
            own = rows[(rows["lr"] == lr) & (rows["line"] == line)]
            if len(own):
                color = value_color(position, range(len(lrs)))
                # What was measured is light and thin, behind the curves.
                look = LOOKS.get(line, {"lw": 0.7, "ls": "solid"})
                ink = shade(color, 0, 2) if line == "measured" else color
                axes.plot(own["step"], own["grad_norm"], color=ink, **look)
    step_axis(axes, int(rows["step"].max()))
