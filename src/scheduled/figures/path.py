"""Paths of the subgradient method in the plane, over contours of the objective."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scheduled.figures.kit.lines import ordered
from scheduled.figures.kit.style import legend_line, new_figure, place_legend, schedule_styles


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.path`.

    Parameters
    ----------
    table : DataFrame
        Columns mark (``path``, ``solution`` or ``grid``), panel (of a grid: ``whole`` or ``end``),
        schedule, step, main, w1, w2, objective.
    ink : dict
        ``labels``, sizes and title.
    """
    figure, panels = new_figure(ink, panels=2)
    for axes, panel in zip(panels, ("whole", "end"), strict=True):
        _draw_plane(axes, table, panel, ink)
    panels[0].set_title("whole paths")
    panels[1].set_title("near the solution")
    path = table[table["mark"] == "path"]
    notes = [
        legend_line("at full LR", "#555555", "none", "o"),
        legend_line("lowered LR", "#555555", "none", "D"),
        legend_line("solution", "#222222", "none", "*"),
    ]
    notes[1].set_markerfacecolor("white")
    place_legend(figure, ordered(path.assign(horizon=0), ink["labels"]), notes)
    return figure


def _draw_plane(axes: Axes, table: pd.DataFrame, panel: str, ink: dict[str, Any]) -> None:
    plane = table[(table["mark"] == "grid") & (table["panel"] == panel)]
    grid = plane.pivot(index="w2", columns="w1", values="objective")
    levels = np.linspace(0, grid.to_numpy().max(), 16)[1:]
    axes.contour(
        grid.columns, grid.index, grid.to_numpy(), levels, colors="#BBBBBB", linewidths=0.6
    )
    path = table[table["mark"] == "path"]
    for name, (color, _) in schedule_styles(list(ink["labels"])).items():
        rows = path[path["schedule"] == name]
        axes.plot(rows["w1"], rows["w2"], color=color, lw=0.6, alpha=0.5)
        main = rows["main"].astype(bool)
        axes.plot(rows["w1"][main], rows["w2"][main], color=color, ls="none", marker="o", ms=1.8)
        hollow: dict[str, Any] = {"marker": "D", "ms": 2.6, "mfc": "white", "mew": 0.7}
        axes.plot(rows["w1"][~main], rows["w2"][~main], color=color, ls="none", **hollow)
    solution = table[table["mark"] == "solution"]
    axes.plot(solution["w1"], solution["w2"], color="#222222", marker="*", ms=10, mec="white")
    axes.set(xlabel="$w_1$", ylabel="$w_2$")
    axes.set_xlim(plane["w1"].min(), plane["w1"].max())
    axes.set_ylim(plane["w2"].min(), plane["w2"].max())
    axes.locator_params(nbins=5)
    axes.grid(visible=False)
