"""Ω_T against the base LR, one line a schedule and horizon, the optimum marked."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from scheduled.figures.kit.lines import explain_lines, lines
from scheduled.figures.kit.style import legend_line, new_figure, plain_log_axis


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.lr_sweep`.

    Parameters
    ----------
    table : DataFrame
        Columns schedule, horizon, value (if one is varied), mark (``curve`` or ``optimum``),
        base_lr, bound.
    ink : dict
        ``labels`` (name → label, in the order of the legend), ``bound_label``, sizes and title.
    """
    figure, (axes,) = new_figure(ink)
    for line in lines(table[table["mark"] == "curve"], ink["labels"]):
        axes.plot(line.rows["base_lr"], line.rows["bound"], color=line.color, ls=line.dashes)
    for line in lines(table[table["mark"] == "optimum"], ink["labels"]):
        axes.plot(
            line.rows["base_lr"], line.rows["bound"],
            color=line.color, ls="none", marker="o", ms=4.5, mec="white", mew=0.7, zorder=3,
        )  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel="base learning rate γ", ylabel=ink["bound_label"])
    low = table["bound"].min()
    optima = table.loc[table["mark"] == "optimum", "bound"]
    axes.set_ylim(low / 1.1, min(table["bound"].max() * 1.05, max(10 * low, 4 * optima.max())))
    plain_log_axis(axes.xaxis)
    plain_log_axis(axes.yaxis)
    optimum = legend_line("optimum γ*", "#444444", "none", "o")
    explain_lines(figure, [axes], table, ink, extra=[optimum])
    return figure
