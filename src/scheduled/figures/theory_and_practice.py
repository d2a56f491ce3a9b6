"""The bound of an experiment beside the loss of training runs under the same schedules."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from scheduled.figures.convergence import draw_bound
from scheduled.figures.kit.lines import explain_lines
from scheduled.figures.kit.style import new_figure
from scheduled.figures.loss_curves import draw_loss


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.theory_and_practice`.

    Parameters
    ----------
    table : DataFrame
        Columns panel (``bound`` or ``loss``), schedule, horizon, run, step, y.
    ink : dict
        ``labels``, ``curve_label``, ``loss`` (what the loss is of), sizes and title.
    """
    figure, (left, right) = new_figure(ink, panels=2)
    bounds, losses = table[table["panel"] == "bound"], table[table["panel"] == "loss"]
    draw_bound(left, bounds, ink)
    draw_loss(right, losses.rename(columns={"y": "loss"}), ink)
    left.set_title("theory")
    right.set_title("practice")
    explain_lines(figure, [left, right], losses, ink)
    return figure
