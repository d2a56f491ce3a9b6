"""Gradient norm against γΣη, the sum of all learning rates so far; colour says the time."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from scheduled.figures.kit.lines import VALUE_COLORS
from scheduled.figures.kit.style import DOUBLE, new_grid, plain_log_axis


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.grad_norm_scatter`.

    Parameters
    ----------
    table : DataFrame
        Columns schedule (the series, at most two), horizon, value (if a field beside the horizon
        varies), run, step, travelled, grad_norm.
    ink : dict
        ``labels``: the first series goes to the right, the second, mirrored, to the left;
        ``vary_label``, ``y_scale``, sizes and title.
    """
    figure, ((axes,),) = new_grid(ink, 1, 1, (DOUBLE[0], 3.8))
    names = [name for name in ink["labels"] if (table["schedule"] == name).any()]
    table = table[table["step"] >= 0.01 * table["horizon"]]  # the first gradients are far larger
    progress = table["step"] / table["horizon"]
    for side, name in zip((1, -1), names, strict=False):
        rows = table["schedule"] == name
        axes.scatter(
            side * table["travelled"][rows], table["grad_norm"][rows], c=progress[rows],
            cmap=VALUE_COLORS, norm=Normalize(0, 1), s=5, lw=0, rasterized=True,
        )  # fmt: skip
        axes.text(
            0.5 + 0.49 * side if len(names) > 1 else 0.99, 0.98, ink["labels"][name],
            transform=axes.transAxes, va="top", ha="right" if side > 0 else "left",
            fontsize=9, color="#222222",
        )  # fmt: skip
        for value, run in table[rows].groupby("value") if "value" in table else ():
            end = run.loc[run["step"].idxmax()]
            axes.annotate(
                f"{ink['vary_label']} = {value:g}", (side * end["travelled"], end["grad_norm"]),
                (4 * side, 0), textcoords="offset points", va="center",
                ha="left" if side > 0 else "right", fontsize=7, color="#444444",
                bbox={"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.7},
            )  # fmt: skip
    axes.margins(x=0.12)  # for the labels at the ends
    axes.set(xlabel="sum of learning rates γ·Ση", ylabel="gradient norm", yscale=ink["y_scale"])
    if ink["y_scale"] == "log":
        plain_log_axis(axes.yaxis)
    if len(names) > 1:
        axes.axvline(0, color="#444444", lw=0.7)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{abs(x):g}"))
    bar = figure.colorbar(ScalarMappable(Normalize(0, 1), VALUE_COLORS), ax=axes, pad=0.02)
    bar.set_label("time t/T")
    bar.outline.set_visible(False)
    return figure
