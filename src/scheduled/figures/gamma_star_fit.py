"""The best base LR against the horizon, and the power law fitted to it."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from scheduled.figures.kit.style import (
    legend_line,
    new_figure,
    place_legend,
    plain_log_axis,
    schedule_styles,
)


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.gamma_star_fit`.

    Parameters
    ----------
    table : DataFrame
        Columns schedule, mark (``point`` or ``fit``), horizon, base_lr, A, B.
    ink : dict
        ``labels``, sizes and title.
    """
    figure, (axes,) = new_figure(ink)
    styles = schedule_styles(list(ink["labels"]))
    handles = []
    for name, label in ink["labels"].items():
        color, dashes = styles[name]
        rows = table[table["schedule"] == name]
        fit, points = rows[rows["mark"] == "fit"], rows[rows["mark"] == "point"]
        axes.plot(fit["horizon"], fit["base_lr"], color=color, ls=dashes)
        axes.plot(points["horizon"], points["base_lr"], color=color, ls="none", marker="o", ms=5)
        a, b = rows["A"].iloc[0], rows["B"].iloc[0]
        text = f"{label}: γ* = {a:.3g}·$T^{{{b:.3f}}}$"
        handles.append(legend_line(text, color, dashes, "o"))
    axes.set(xscale="log", yscale="log", xlabel="horizon T", ylabel="optimal base LR γ*")
    plain_log_axis(axes.yaxis)
    axes.yaxis.set_major_locator(LogLocator(subs=range(1, 10)))
    axes.set_xticks(sorted(table.loc[table["mark"] == "point", "horizon"].unique()))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
    axes.set_ylim(table["base_lr"].min() / 1.15, table["base_lr"].max() * 1.15)
    place_legend(figure, *[[handle] for handle in handles])
    return figure
