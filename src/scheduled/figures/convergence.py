"""The schedules, and the bound Ω_t that they lead to, over the steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scheduled.figures.lines import horizon_legend, lines, ordered
from scheduled.figures.style import new_figure, place_legend, step_axis


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.convergence`.

    Parameters
    ----------
    table : DataFrame
        Columns panel (``schedule`` or ``bound``), schedule, horizon, step, value.
    ink : dict
        ``panels`` from left to right, ``labels``, ``bound_label``, ``y_max``, sizes and title.
    """
    figure, panels = new_figure(ink, panels=len(ink["panels"]))
    for axes, panel in zip(panels, ink["panels"], strict=True):
        rows = table[table["panel"] == panel]
        if panel == "bound":
            draw_bound(axes, rows, ink)
        else:
            draw_schedules(axes, rows, ink)
    place_legend(figure, ordered(table, ink["labels"]), horizon_legend(table))
    return figure


def draw_schedules(axes: Axes, rows: pd.DataFrame, ink: dict[str, Any]) -> None:
    """Draw the rows of the panel ``schedule``."""
    _draw_lines(axes, rows, ink)
    axes.set(ylabel="learning rate γηₜ", ylim=(0, _schedule_limit(rows)))


def draw_bound(axes: Axes, rows: pd.DataFrame, ink: dict[str, Any]) -> None:
    """Draw the rows of the panel ``bound``."""
    _draw_lines(axes, rows, ink)
    axes.set(ylabel=ink["curve_label"], ylim=_bound_limits(rows, ink.get("y_max")))


def _draw_lines(axes: Axes, rows: pd.DataFrame, ink: dict[str, Any]) -> None:
    for line in lines(rows, ink["labels"]):
        axes.plot(line.rows["step"], line.rows["value"], color=line.color, ls=line.dashes)
    step_axis(axes, rows["step"].max())


def _bound_limits(rows: pd.DataFrame, y_max: float | None) -> tuple[float, float]:
    """Limits that show how the curves end; their starts, like D²/(2η₁), would dwarf that."""
    low = rows["value"].min()
    high = y_max or 4 * low
    return low - 0.08 * (high - low), high


def _schedule_limit(rows: pd.DataFrame) -> float:
    """Upper limit that shows every schedule, but not a peak that would flatten all others."""
    groups = rows.groupby(["schedule", "horizon"])["value"]
    return 1.05 * float(np.minimum(groups.max(), 4 * groups.median()).max())
