"""What is adapted against the multiple of the horizon."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from scheduled.figures.kit.style import legend_line, new_figure, place_legend

NAMES = {"cooldown_len": "cooldown fraction c", "factor": "factor ρ"}


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.extension_values`.

    Parameters
    ----------
    table : DataFrame
        Columns line (``root`` or ``published``), multiple, value.
    ink : dict
        ``adapt``, sizes and title.
    """
    figure, (axes,) = new_figure(ink)
    root, published = table[table["line"] == "root"], table[table["line"] == "published"]
    axes.plot(root["multiple"], root["value"], color="#D55E00", marker="o", ms=5)
    axes.plot(
        published["multiple"], published["value"],
        color="#222222", ls="none", marker="x", ms=6, mew=1.2, zorder=3,
    )  # fmt: skip
    axes.set(xlabel="new horizon over old, $T_2/T_1$", ylabel=NAMES[ink["adapt"]], ylim=(0, None))
    place_legend(
        figure,
        [
            legend_line("solution", "#D55E00", marker="o"),
            legend_line("pick among the 33 published candidates", "#222222", "none", "x"),
        ],
    )
    return figure
