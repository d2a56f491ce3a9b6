"""The objective over the iterates of the subgradient method."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from scheduled.figures.kit.lines import ordered
from scheduled.figures.kit.style import new_figure, place_legend, schedule_styles, step_axis


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.objective`.

    Parameters
    ----------
    table : DataFrame
        Columns schedule, step, objective.
    ink : dict
        ``labels``, sizes and title.
    """
    figure, (axes,) = new_figure(ink)
    for name, (color, dashes) in schedule_styles(list(ink["labels"])).items():
        rows = table[table["schedule"] == name]
        axes.plot(rows["step"], rows["objective"], color=color, ls=dashes, lw=1.1)
    step_axis(axes, table["step"].max())
    axes.set(yscale="log", ylabel="objective $f(x_t)$, minimum 0")
    low = max(table["objective"].min(), 1e-4 * table["objective"].max())
    axes.set_ylim(bottom=low / 1.5)
    place_legend(figure, ordered(table.assign(horizon=0), ink["labels"]))
    return figure
