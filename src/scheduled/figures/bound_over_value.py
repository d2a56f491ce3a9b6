"""Ω_T against a varied value, at fixed base LRs and at the best one."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from scheduled.core.rounding import first_least
from scheduled.figures.kit.style import (
    SPARE_COLORS,
    legend_line,
    new_figure,
    place_legend,
    shade,
)


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.bound_over_value`.

    Parameters
    ----------
    table : DataFrame
        Columns line (a base LR, or ``tuned``), value, bound.
    ink : dict
        ``vary_label``, ``bound_label``, sizes and title.
    """
    figure, (axes,) = new_figure(ink)
    names = list(dict.fromkeys(table["line"]))
    handles = []
    for position, name in enumerate(names):
        rows = table[table["line"] == name]
        tuned = name == "tuned"
        color = SPARE_COLORS[1] if tuned else shade("#0072B2", position, len(names) - 1)
        dashes = (0, (4, 2)) if tuned else "solid"
        axes.plot(rows["value"], rows["bound"], color=color, ls=dashes, marker="o", ms=3)
        least = rows.iloc[first_least(rows["bound"])]
        axes.plot(least["value"], least["bound"], color=color, marker="*", ms=10, mec="white")
        handles.append(legend_line("γ = γ*" if tuned else f"γ = {name}", color, dashes, "o"))
    axes.set(xlabel=ink["vary_label"], ylabel=ink["bound_label"])
    least_mark = legend_line("least", "#444444", "none", "*")
    place_legend(figure, handles, [least_mark])
    return figure
