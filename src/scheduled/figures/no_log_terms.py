"""Tuned bounds of growing horizons: their ends fall like 1/√T, the constant schedule's slower."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from scheduled.figures.kit.lines import lines, member_legend
from scheduled.figures.kit.style import (
    SCHEDULE_COLORS,
    legend_line,
    new_figure,
    place_legend,
    plain_log_axis,
)


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.no_log_terms`.

    Parameters
    ----------
    table : DataFrame
        Columns line (``bound``, ``constant``, ``fit`` or ``end``), schedule, horizon, step, bound,
        A.
    ink : dict
        ``labels``, ``curve_label``, sizes and title.
    """
    figure, (axes,) = new_figure(ink)
    bounds = table[table["line"] == "bound"].astype({"horizon": int})
    for line in lines(bounds, ink["labels"]):
        axes.plot(line.rows["step"], line.rows["bound"], color=line.color, lw=1.1)
    constant, fit = table[table["line"] == "constant"], table[table["line"] == "fit"]
    ends = table[table["line"] == "end"]
    gray = SCHEDULE_COLORS["constant"]
    axes.plot(constant["step"], constant["bound"], color=gray, ls=(0, (8, 2.5)))
    axes.plot(fit["step"], fit["bound"], color="#0072B2", ls=(0, (1.5, 1.2)))
    axes.plot(ends["step"], ends["bound"], color="#D55E00", ls="none", marker="o", ms=4)
    axes.set(xscale="log", yscale="log", xlabel="step t", ylabel=ink["curve_label"])
    low = fit["bound"].min()
    axes.set(xlim=(30, 1.1 * table["step"].max()), ylim=(low / 1.3, 30 * low))
    plain_log_axis(axes.xaxis)
    plain_log_axis(axes.yaxis)
    place_legend(
        figure,
        [
            legend_line("tuned for T", "#D55E00", "none", "o"),
            legend_line(f"{table['A'].iloc[0]:.3g}/√t (fit)", "#0072B2", (0, (1.5, 1.2))),
            legend_line("constant: √((1+$H_{t-1}$)/t)", gray, (0, (8, 2.5))),
        ],
        member_legend(bounds, ink),
    )
    return figure
