"""Loss of training runs over their steps, one line a run (a band where runs differ by seed)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scheduled.figures.kit.lines import explain_lines, lines
from scheduled.figures.kit.style import DOUBLE, SINGLE, new_grid, step_axis

_LOSS = {"val_loss": "validation loss", "train_loss": "training loss"}


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.loss_curves`.

    Parameters
    ----------
    table : DataFrame
        Columns schedule (the series), horizon, value (if a field beside the horizon varies), run,
        step, loss.
    ink : dict
        ``labels``, ``loss`` (what the loss is of), ``vary_label``, ``y_max``, ``ends`` (horizons
        whose ends are shown enlarged), ``end_width`` (part of the horizon), sizes and title.
    """
    ends = sorted(ink.get("ends", []))
    # The ends together are less wide than the curves.
    widths = [1.0, *[0.62 / len(ends)] * len(ends)] if ends else [1.0]
    figure, (row,) = new_grid(ink, 1, len(widths), DOUBLE if ends else SINGLE, widths)
    axes, *close = row
    draw_loss(axes, table, ink)
    for panel, horizon in zip(close, ends, strict=True):
        _draw_end(panel, table, ink, horizon)
    explain_lines(figure, row, table, ink)
    return figure


def draw_loss(axes: Axes, rows: pd.DataFrame, ink: dict[str, Any]) -> None:
    """Draw the losses of runs on axes of their own."""
    _draw_runs(axes, rows, ink)
    step_axis(axes, rows["step"].max())
    late = rows[rows["step"] >= 0.1 * rows["step"].max()]["loss"]
    low, high = late.min(), ink.get("y_max") or late.max()
    axes.set(ylabel=_LOSS[ink["loss"]], ylim=(low - 0.06 * (high - low), high))


def _draw_runs(axes: Axes, rows: pd.DataFrame, ink: dict[str, Any]) -> None:
    for line in lines(rows, ink["labels"]):
        # Runs of one series and horizon differ by seed: their mean, and a band from the lowest to
        # the highest.
        sns.lineplot(
            line.rows, x="step", y="loss", ax=axes, color=line.color, linestyle=line.dashes,
            estimator="mean", errorbar=("pi", 100), legend=False,
        )  # fmt: skip


def _draw_end(axes: Axes, rows: pd.DataFrame, ink: dict[str, Any], horizon: int) -> None:
    """Draw the ends of the runs of one horizon."""
    # Shades go by the horizon: lines keep theirs only if all are drawn.
    _draw_runs(axes, rows, ink)
    first = horizon * (1 - ink["end_width"])
    ends = rows[(rows["horizon"] == horizon) & rows["step"].between(first, horizon)]["loss"]
    margin = 0.08 * (ends.max() - ends.min())
    axes.set(
        xlim=(first, horizon + 0.05 * (horizon - first)),
        ylim=(ends.min() - margin, ends.max() + margin),
        xlabel="step t", ylabel="", xticks=[first, horizon], title=f"T = {horizon:,}",
    )  # fmt: skip
    axes.set_xticklabels(
        [f"{step:g}" if step < 10_000 else f"{step / 1000:g}k" for step in (first, horizon)]
    )
