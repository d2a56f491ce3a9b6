"""Schedules that go on to longer horizons, and their bounds beside not adapting anything."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from scheduled.figures.kit.lines import value_color
from scheduled.figures.kit.style import legend_line, new_figure, place_legend, step_axis

NAIVE, LINEAR = (0, (2, 1.2)), "#222222"


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.extensions`.

    Parameters
    ----------
    table : DataFrame
        Columns panel (``schedule`` or ``bound``), line (``adapted``, ``naive`` or ``linear``),
        multiple, step, y, found.
    ink : dict
        ``y_max``, sizes and title.
    """
    figure, (left, right) = new_figure(ink, panels=2)
    multiples = sorted(table["multiple"].unique())
    entries = []
    for multiple in multiples:
        color = value_color(multiple, multiples)
        rows = table[table["multiple"] == multiple]
        for axes, panel in ((left, "schedule"), (right, "bound")):
            for line, dashes in (("naive", NAIVE), ("adapted", "solid")):
                part = rows[(rows["panel"] == panel) & (rows["line"] == line)]
                axes.plot(part["step"], part["y"], color=color, ls=dashes)
        end = rows[rows["line"] == "linear"]
        right.plot(end["step"], end["y"], color=LINEAR, ls="none", marker="D", ms=3.5)
        found = "" if rows["found"].all() else " (closest)"
        entries.append(legend_line(f"{multiple:g} × T{found}", color))
    last = table["step"].max()
    step_axis(left, last)
    step_axis(right, last)
    bounds = table[table["panel"] == "bound"]
    low = bounds["y"].min()
    rates = table.loc[table["panel"] == "schedule", "y"]
    # The peak of a schedule like 1/√t would flatten all else.
    left.set(ylabel="learning rate γηₜ", ylim=(0, 1.05 * min(rates.max(), 6 * rates.median())))
    high = ink.get("y_max") or 3 * low
    right.set(ylabel="last-iterate bound $\\Omega_t$", ylim=(low - 0.08 * (high - low), high))
    styles = [
        legend_line("adapted", "#555555"),
        legend_line("not adapted", "#555555", NAIVE),
        legend_line("tuned linear decay, end", LINEAR, "none", "D"),
    ]
    place_legend(figure, entries, styles)
    return figure
