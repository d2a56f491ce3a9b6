"""The schedules, and the bound Ω_t that they lead to, over the steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scheduled.figures.kit.lines import explain_lines, lines
from scheduled.figures.kit.style import new_figure, plain_log_axis, step_axis


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.convergence`.

    Parameters
    ----------
    table : DataFrame
        Columns panel (``schedule``, ``grad_norm`` or ``bound``), schedule, horizon, value (if one
        is varied), step, y.
    ink : dict
        ``panels`` from left to right, ``labels``, ``curve_label``, ``y_scale``, ``y_max``,
        ``mark_step``, sizes and title.
    """
    panels = {"schedule": draw_schedules, "grad_norm": draw_grad_norms, "bound": draw_bound}
    figure, all_axes = new_figure(ink, panels=len(ink["panels"]))
    for axes, panel in zip(all_axes, ink["panels"], strict=True):
        panels[panel](axes, table[table["panel"] == panel], ink)
        if ink.get("mark_step"):
            axes.axvline(ink["mark_step"], color="#777777", lw=0.8, ls=(0, (2, 2)), zorder=0)
    explain_lines(figure, all_axes, table, ink)
    return figure


def draw_schedules(axes: Axes, rows: pd.DataFrame, ink: dict[str, Any]) -> None:
    """Draw the rows of the panel ``schedule``."""
    _draw_lines(axes, rows, ink)
    axes.set(ylabel="learning rate γηₜ", ylim=(0, _schedule_limit(rows)))


def draw_grad_norms(axes: Axes, rows: pd.DataFrame, ink: dict[str, Any]) -> None:
    """Draw the rows of the panel ``grad_norm``."""
    _draw_lines(axes, rows, ink)
    axes.set(ylabel="gradient norm $G_t$", yscale=ink["y_scale"])


def draw_bound(axes: Axes, rows: pd.DataFrame, ink: dict[str, Any]) -> None:
    """Draw the rows of the panel ``bound``."""
    _draw_lines(axes, rows, ink)
    axes.set(ylabel=ink["curve_label"])
    if ink.get("y_scale") == "log":
        axes.set_yscale("log")
        low, high = rows["y"].min(), ink.get("y_max") or rows["y"].max()
        axes.set_ylim(low / 1.2, min(high, 1000 * low))
        if high < 100 * low:
            plain_log_axis(axes.yaxis)
    else:
        axes.set_ylim(*_bound_limits(rows, ink.get("y_max")))


def _draw_lines(axes: Axes, rows: pd.DataFrame, ink: dict[str, Any]) -> None:
    for line in lines(rows, ink["labels"]):
        axes.plot(line.rows["step"], line.rows["y"], color=line.color, ls=line.dashes)
    step_axis(axes, rows["step"].max())


def _bound_limits(rows: pd.DataFrame, y_max: float | None) -> tuple[float, float]:
    """Limits that show how the curves end; their starts, like D²/(2η₁), would dwarf that."""
    low = rows["y"].min()
    ends = rows.groupby([column for column in rows if column not in ("step", "y")])["y"].last()
    high = y_max or max(4 * low, 1.5 * ends.max())
    return low - 0.08 * (high - low), high


def _schedule_limit(rows: pd.DataFrame) -> float:
    """Upper limit that shows every schedule, but not a peak that would flatten all others."""
    cases = [column for column in rows if column not in ("step", "y")]
    groups = rows.groupby(cases)["y"]
    return 1.05 * float(np.minimum(groups.max(), 4 * groups.median()).max())
