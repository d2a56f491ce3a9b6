"""The two parts of the bound, 𝒯₁/γ and γ𝒯₂, over the steps."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from scheduled.figures.kit.style import legend_line, new_figure, place_legend, step_axis

PARTS = {
    "distance": ("from the distance, $\\mathcal{T}_1/\\gamma$", "#0072B2", (0, (5, 1.5))),
    "gradient": ("from the gradients, $\\gamma\\mathcal{T}_2$", "#009E73", (0, (6, 1.5, 1.5, 1.5))),
    "sum": ("bound", "#D55E00", "solid"),
}


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.bound_terms`.

    Parameters
    ----------
    table : DataFrame
        Columns schedule, horizon, part (``distance``, ``gradient`` or ``sum``), step, y.
    ink : dict
        ``curve_label``, sizes and title.
    """
    figure, (axes,) = new_figure(ink)
    for part, (_, color, dashes) in PARTS.items():
        for _, rows in table[table["part"] == part].groupby("schedule"):
            axes.plot(rows["step"], rows["y"], color=color, ls=dashes)
    step_axis(axes, table["step"].max())
    low = table.loc[table["part"] == "sum", "y"].min()
    axes.set(ylabel=ink["curve_label"], ylim=(0, 5 * low))
    place_legend(figure, [legend_line(*entry) for entry in PARTS.values()])
    return figure
