"""What each extension of a run gains: in loss, and in steps."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scheduled.figures.kit.analysed import LOSS_LABELS, say
from scheduled.figures.kit.style import legend_line, new_figure, place_legend, schedule_styles

SPREAD = 0.16
"""Distance between the series of one horizon."""


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.extension_gain`.

    Parameters
    ----------
    table : DataFrame
        Columns schedule (the series), horizon, panel (``gain`` or ``saved``), part (``constant`` or
        ``window``; empty for gains), y, error.
    ink : dict
        ``labels``, ``loss`` (what the gain is of), ``baseline`` (a series), sizes and title.
    """
    figure, (left, right) = new_figure(ink, panels=2)
    if table.empty:
        say(left, "no gain is known")
        return figure
    horizons = sorted(table["horizon"].unique())
    styles = schedule_styles(list(ink["labels"]))
    names = [name for name in ink["labels"] if name in set(table["schedule"])]
    for position, name in enumerate(names):
        shift = SPREAD * (position - (len(names) - 1) / 2)
        for axes, panel, part in (
            (left, "gain", ""), (right, "saved", "window"), (right, "saved", "constant"),
        ):  # fmt: skip
            rows = table[(table["panel"] == panel) & (table["part"].fillna("") == part)]
            rows = rows[rows["schedule"] == name]
            x = [horizons.index(horizon) + shift for horizon in rows["horizon"]]
            face = "white" if part == "window" else styles[name][0]
            axes.errorbar(
                x, rows["y"], yerr=rows["error"].fillna(0.0), color=styles[name][0], ls="none",
                marker="o", ms=6, mfc=face, capsize=3,
            )  # fmt: skip
    reference = ink["labels"].get(ink["baseline"], ink["baseline"])
    left.set_ylabel(f"gain in {LOSS_LABELS[ink['loss']]}\nover “{reference}”")
    right.set_ylabel("steps saved, % of the horizon")
    for axes in (left, right):
        _horizon_axis(axes, horizons)
    place_legend(
        figure,
        [legend_line(ink["labels"][name], styles[name][0], "none", "o") for name in names],
        [
            legend_line(
                "right: by the slope of the validation curve (a smaller set)", "none", "none"
            )
        ],
        _slopes(),
    )
    return figure


def _horizon_axis(axes: Axes, horizons: list[int]) -> None:
    axes.set_xticks(range(len(horizons)), [f"{horizon:,}" for horizon in horizons])
    axes.set(xlim=(-0.6, max(len(horizons), 1) - 0.4), xlabel="horizon T")
    axes.grid(visible=False, axis="x")
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, 0), high)
    axes.axhline(0, color="#444444", lw=0.7)


def _slopes() -> list[Any]:
    """Entries for the steps at which the slope was measured."""
    hollow = legend_line("over the whole window", "#444444", "none", "o")
    hollow.set_markerfacecolor("white")
    return [legend_line("at constant LR", "#444444", "none", "o"), hollow]
