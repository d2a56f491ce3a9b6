"""Loss of runs against the value that varies, one line a base LR."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from scheduled.core.rounding import first_least
from scheduled.figures.kit.analysed import LOSS_LABELS, draw_bars, limits
from scheduled.figures.kit.lines import value_color
from scheduled.figures.kit.style import legend_line, new_figure, place_legend

_DASHES: tuple[Any, ...] = ("solid", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (6, 1.5, 1.5, 1.5)))


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.loss_over_value`.

    Parameters
    ----------
    table : DataFrame
        Columns schedule (the series), horizon, lr, value, loss, low, high.
    ink : dict
        ``labels``, ``loss`` (what the loss is of), ``value_label``, sizes and title.
    """
    figure, (axes,) = new_figure(ink)
    axes.set(xlabel=ink["value_label"], ylabel=LOSS_LABELS[ink["loss"]])
    axes.set_ylim(limits([*table["loss"], *table["low"], *table["high"]], 0.08))
    lrs = sorted(table["lr"].unique())
    colors = {lr: value_color(at, range(len(lrs))) for at, lr in enumerate(lrs)}
    series = [name for name in ink["labels"] if name in set(table["schedule"])]
    for position, name in enumerate(series):
        dashes = _DASHES[position % len(_DASHES)]
        for lr in lrs:
            rows = table[(table["schedule"] == name) & (table["lr"] == lr)].sort_values("value")
            if len(rows):
                axes.plot(
                    rows["value"], rows["loss"], color=colors[lr], ls=dashes, marker="o", ms=3
                )
                draw_bars(axes, rows, "value", colors[lr])
                least = rows.iloc[first_least(rows["loss"])]
                axes.plot(
                    least["value"], least["loss"], color=colors[lr], marker="*", ms=11, mec="white"
                )
    entries = [legend_line(f"γ = {lr:g}", colors[lr], marker="o") for lr in lrs]
    entries.append(legend_line("least", "#444444", "none", "*"))
    names = [
        legend_line(ink["labels"][name], "#444444", _DASHES[at % len(_DASHES)])
        for at, name in enumerate(series)
    ]
    place_legend(figure, entries, *([names] if len(names) > 1 else []))
    return figure
