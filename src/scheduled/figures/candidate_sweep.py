"""The bound of every candidate against the base LR, and the base LR that is to be kept."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from scheduled.figures.kit.lines import VALUE_COLORS, value_color
from scheduled.figures.kit.style import legend_line, new_figure, place_legend, plain_log_axis

NAMES = {"cooldown_len": "cooldown fraction c", "factor": "factor ρ"}


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.candidate_sweep`.

    Parameters
    ----------
    table : DataFrame
        Columns mark (``sweep``, ``optimum`` or ``kept``), value, base_lr, bound.
    ink : dict
        ``adapt``, ``horizon``, sizes and title.
    """
    figure, (axes,) = new_figure(ink)
    values = sorted(table["value"].dropna().unique())
    for value in values:
        rows = table[table["value"] == value]
        color = value_color(value, values)
        sweep, optimum = rows[rows["mark"] == "sweep"], rows[rows["mark"] == "optimum"]
        axes.plot(sweep["base_lr"], sweep["bound"], color=color, lw=0.9)
        axes.plot(optimum["base_lr"], optimum["bound"], color=color, ls="none", marker="o", ms=3.5)
    kept = table.loc[table["mark"] == "kept", "base_lr"].iloc[0]
    axes.axvline(kept, color="#222222", lw=1, ls=(0, (4, 2)))
    low = table["bound"].min()
    swept = table.loc[table["mark"] == "sweep", "base_lr"]
    axes.set(xscale="log", xlabel="base learning rate γ", xlim=(swept.min(), swept.max()))
    axes.set_ylim(low * 0.98, low * 1.6)
    axes.set_ylabel("last-iterate bound $\\Omega_T$")
    plain_log_axis(axes.xaxis)
    colors = ScalarMappable(Normalize(values[0], values[-1]), VALUE_COLORS)
    bar = figure.colorbar(colors, ax=axes, pad=0.02, aspect=30)
    bar.set_label(NAMES[ink["adapt"]])
    bar.outline.set_visible(False)
    text = f"γ* of T = {ink['horizon']:,}, to be kept"
    place_legend(
        figure,
        [
            legend_line(text, "#222222", (0, (4, 2))),
            legend_line("optimum γ*", "#444444", "none", "o"),
        ],
    )
    return figure
