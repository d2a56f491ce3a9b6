"""What training runs logged over their steps: gradient norms, losses, learning rates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scheduled.figures.kit.lines import Line, explain_lines, lines, value_color
from scheduled.figures.kit.style import (
    DOUBLE,
    SINGLE,
    legend_line,
    new_grid,
    place_legend,
    plain_log_axis,
    step_axis,
)

LABELS = {
    "train_loss": "training loss",
    "val_loss": "validation loss",
    "grad_norm": "gradient norm",
    "learning_rate": "learning rate γηₜ",
    "relative_lr": "learning rate ηₜ, relative to γ",
}
LEARNING_RATES = ("learning_rate", "relative_lr")


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.logged_curves`.

    One column of panels; where several series have several values each, a column a series, so that
    colour can say the value.

    Parameters
    ----------
    table : DataFrame
        Columns panel, schedule (the series), horizon, value (if a field beside the horizon
        varies), run, step, y.
    ink : dict
        ``panels`` from top to bottom, ``labels``, ``vary_label``, ``y_scale``, sizes and title.
    """
    names = [name for name in ink["labels"] if (table["schedule"] == name).any()]
    by_series = "value" in table and len(names) > 1
    columns = [[name] for name in names] if by_series else [names]
    panels = ink["panels"]
    width = DOUBLE[0] if len(columns) > 1 else SINGLE[0]
    height = SINGLE[1] if len(panels) == 1 else 0.9 + 2.3 * len(panels)
    figure, grid = new_grid(ink, len(panels), len(columns), (width, height))
    for axes_row, panel in zip(grid, panels, strict=True):
        rows = table[table["panel"] == panel]
        for axes, series in zip(axes_row, columns, strict=True):
            _draw_panel(axes, rows[rows["schedule"].isin(series)], panel, ink, table)
        _scale(axes_row, panel, ink)
        for axes in axes_row[1:]:
            axes.set_ylabel("")
    for axes_row in grid[:-1]:
        for axes in axes_row:
            axes.set_xlabel("")
    if by_series:
        for axes, name in zip(grid[0], names, strict=True):
            axes.set_title(ink["labels"][name])
        values = sorted(table["value"].unique())
        entries = [
            legend_line(f"{ink['vary_label']} = {value:g}", value_color(place, range(len(values))))
            for place, value in enumerate(values)
        ]
        place_legend(figure, entries)
    else:
        explain_lines(figure, [axes for row in grid for axes in row], table, ink)
    return figure


def _draw_panel(
    axes: Axes, rows: pd.DataFrame, panel: str, ink: dict[str, Any], table: pd.DataFrame
) -> None:
    for line in _lines(rows, ink, table):
        # Runs of one line differ by seed: their mean, and a band from the lowest to the highest.
        at = line.rows.groupby("step")["y"].agg(["mean", "min", "max", "size"])
        axes.plot(at.index, at["mean"], color=line.color, ls=line.dashes, lw=1.1)
        if (at["size"] > 1).any():
            axes.fill_between(at.index, at["min"], at["max"], color=line.color, alpha=0.2, lw=0)
    axes.set(ylabel=LABELS[panel])
    step_axis(axes, table["step"].max())


def _lines(rows: pd.DataFrame, ink: dict[str, Any], table: pd.DataFrame) -> list[Line]:
    """The lines of a panel; where it has one series of several, colour says the value."""
    if "value" not in table or table["schedule"].nunique() == 1:
        return list(lines(rows, ink["labels"]))
    values = sorted(table["value"].unique())
    colors = {value: value_color(place, range(len(values))) for place, value in enumerate(values)}
    # By place, not by size: learning rates are far from evenly spaced.
    return [
        Line(str(part["schedule"].iloc[0]), value, part, color, "solid")
        for value, color in colors.items()
        if len(part := rows[rows["value"] == value])
    ]


def _scale(row: Sequence[Axes], panel: str, ink: dict[str, Any]) -> None:
    """The same limits for a row; they show how runs go on, which their first steps would dwarf."""
    start = 0.02 if panel == "grad_norm" else 0.1
    late = [
        float(y)
        for axes in row
        for line in axes.lines
        for x, y in np.asarray(line.get_xydata(), float)
        if panel in LEARNING_RATES or x >= start * axes.get_xlim()[1]
    ]
    low, high = min(late), max(late)
    for axes in row:
        if panel in LEARNING_RATES:
            axes.set_ylim(0, 1.05 * high)
        elif ink["y_scale"] == "log":
            axes.set(yscale="log", ylim=(low / 1.1, high * 1.1))
            plain_log_axis(axes.yaxis)
        else:
            axes.set_ylim(low - 0.06 * (high - low), high)
