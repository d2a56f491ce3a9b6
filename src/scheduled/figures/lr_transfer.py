"""How far γ* of linear decay lies above that of a shorter cooldown."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from scheduled.figures.kit.lines import value_color
from scheduled.figures.kit.style import legend_line, new_figure, place_legend


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.lr_transfer`.

    Parameters
    ----------
    table : DataFrame
        Columns horizon, fraction, log_ratio, fitted, residual.
    ink : dict
        Sizes and title.
    """
    figure, (axes,) = new_figure(ink)
    horizons = sorted(table["horizon"].unique())
    positions = list(range(len(horizons)))
    handles = []
    for position, horizon in enumerate(horizons):
        rows = table[table["horizon"] == horizon]
        color = value_color(position, positions) if len(horizons) > 1 else "#0072B2"
        axes.plot(rows["fraction"], rows["log_ratio"], color=color, ls="none", marker="o", ms=3)
        axes.plot(rows["fraction"], rows["fitted"], color=color, lw=1)
        handles.append(legend_line(f"T = {horizon:,}", color, marker="o"))
    axes.set(xlabel="cooldown fraction c", ylabel="ln γ*(1) − ln γ*(c)")
    note = [
        legend_line("computed", "#555555", "none", "o"),
        legend_line("polynomial fit", "#555555"),
    ]
    place_legend(figure, handles, note)
    return figure
