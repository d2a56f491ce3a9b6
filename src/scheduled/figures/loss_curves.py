"""Loss of training runs over their steps, one line a run (a band where runs differ by seed)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scheduled.figures.lines import explain_lines, lines
from scheduled.figures.style import new_figure, step_axis

_LOSS = {"val_loss": "validation loss", "train_loss": "training loss"}


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.loss_curves`.

    Parameters
    ----------
    table : DataFrame
        Columns schedule (the series), horizon, run, step, loss.
    ink : dict
        ``labels``, ``loss`` (what the loss is of), ``y_max``, sizes and title.
    """
    figure, (axes,) = new_figure(ink)
    draw_loss(axes, table, ink)
    explain_lines(figure, [axes], table, ink)
    return figure


def draw_loss(axes: Axes, rows: pd.DataFrame, ink: dict[str, Any]) -> None:
    """Draw the losses of runs on axes of their own."""
    for line in lines(rows, ink["labels"]):
        # Runs of one series and horizon differ by seed: their mean, and a band from the lowest to
        # the highest.
        sns.lineplot(
            line.rows, x="step", y="loss", ax=axes, color=line.color, linestyle=line.dashes,
            estimator="mean", errorbar=("pi", 100), legend=False,
        )  # fmt: skip
    step_axis(axes, rows["step"].max())
    late = rows[rows["step"] >= 0.1 * rows["step"].max()]["loss"]
    low, high = late.min(), ink.get("y_max") or late.max()
    axes.set(ylabel=_LOSS[ink["loss"]], ylim=(low - 0.06 * (high - low), high))
