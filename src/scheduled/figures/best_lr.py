"""The best base LR of runs against the value that varies, and its log ratios beside theory's."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from scheduled.figures.kit.analysed import draw_bars, limits, say
from scheduled.figures.kit.style import (
    legend_line,
    new_figure,
    place_legend,
    plain_log_axis,
    schedule_styles,
)

THEORY = "#222222"


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.best_lr`.

    Parameters
    ----------
    table : DataFrame
        Columns panel (``best`` or ``ratio``), line (``runs`` or ``theory``), schedule (the series),
        horizon, value, y, low, high.
    ink : dict
        ``labels``, ``value_label``, ``vary_label``, sizes and title.
    """
    figure, (left, right) = new_figure(ink, panels=2)
    if table.empty:
        say(left, "no best learning rate: every fit failed")
        return figure
    runs, theory = table[table["line"] == "runs"], table[table["line"] == "theory"]
    colors = {name: color for name, (color, _) in schedule_styles(list(ink["labels"])).items()}
    names = [name for name in ink["labels"] if name in set(runs["schedule"])]
    letter, largest = ink["vary_label"], runs["value"].max()
    right.plot(theory["value"], theory["y"], color=THEORY, ls=(0, (5, 2)))
    for axes, panel in ((left, "best"), (right, "ratio")):
        rows = table[table["panel"] == panel]
        if panel == "best":
            axes.set_yscale("log")
            ends = rows[["y", "low", "high"]].to_numpy(float)
            finite = ends[(ends > 0) & (ends < float("inf"))]
            axes.set_ylim(finite.min() / 1.15, finite.max() * 1.15)
        else:
            axes.set_ylim(limits([*rows["y"], *rows["low"], *rows["high"]]))
        for name in names:
            own = rows[rows["schedule"] == name].sort_values("value")
            draw_bars(axes, own, "value", colors[name])
            axes.plot(own["value"], own["y"], color=colors[name], ls="none", marker="o", ms=4.5)
        axes.set_xlabel(ink["value_label"])
    plain_log_axis(left.yaxis)
    left.set_ylabel("best base learning rate γ*")
    right.set_ylabel(f"ln γ*({largest:g}) − ln γ*({letter})")
    place_legend(
        figure,
        [
            *[legend_line(ink["labels"][name], colors[name], "none", "o") for name in names],
            legend_line("95 % interval", "#777777", "none", "|"),
            *[
                legend_line(f"theory, T = {horizon:,}", THEORY, (0, (5, 2)))
                for horizon in theory["horizon"].unique()
            ],
        ],
    )
    return figure
