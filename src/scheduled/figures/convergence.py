"""The schedules, and the bound Ω_t that they lead to, over the steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from scheduled.figures.lines import horizon_legend, lines, ordered
from scheduled.figures.style import new_figure, place_legend


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.convergence`.

    Parameters
    ----------
    table : DataFrame
        Columns panel (``schedule`` or ``bound``), schedule, horizon, step, value.
    ink : dict
        ``panels`` from left to right, ``labels``, ``bound_label``, ``y_max``, sizes and title.
    """
    y_labels = {"schedule": "learning rate γηₜ", "bound": ink["curve_label"]}
    figure, panels = new_figure(ink, panels=len(ink["panels"]))
    for axes, panel in zip(panels, ink["panels"], strict=True):
        rows = table[table["panel"] == panel]
        for line in lines(rows, ink["labels"]):
            axes.plot(line.rows["step"], line.rows["value"], color=line.color, ls=line.dashes)
        axes.set(xlabel="step t", ylabel=y_labels[panel])
        axes.set_xlim(0, rows["step"].max() * 1.02)
        if rows["step"].max() >= 10_000:
            axes.xaxis.set_major_formatter(EngFormatter(sep=""))
        if panel == "bound":
            axes.set_ylim(*_bound_limits(rows, ink.get("y_max")))
        else:
            axes.set_ylim(0, _schedule_limit(rows))
    place_legend(figure, ordered(table, ink["labels"]), horizon_legend(table))
    return figure


def _bound_limits(rows: pd.DataFrame, y_max: float | None) -> tuple[float, float]:
    """Limits that show how the curves end; their starts, like D²/(2η₁), would dwarf that."""
    low = rows["value"].min()
    high = y_max or 4 * low
    return low - 0.08 * (high - low), high


def _schedule_limit(rows: pd.DataFrame) -> float:
    """Upper limit that shows every schedule, but not a peak that would flatten all others."""
    groups = rows.groupby(["schedule", "horizon"])["value"]
    return 1.05 * float(np.minimum(groups.max(), 4 * groups.median()).max())
