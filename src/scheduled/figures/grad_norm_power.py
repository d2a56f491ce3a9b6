"""Mean gradient norm of runs against the base LR, with the fitted power law."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from scheduled.figures.kit.analysed import draw_bars, say
from scheduled.figures.kit.lines import Line, lines
from scheduled.figures.kit.style import legend_line, new_figure, place_legend, plain_log_axis


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.grad_norm_power`.

    Parameters
    ----------
    table : DataFrame
        Columns schedule (the series), horizon, value (if one varies), mark (``point`` or ``fit``),
        lr, grad_norm, low, high, power, power_low, power_high.
    ink : dict
        ``labels``, ``vary_label``, sizes and title.
    """
    figure, (axes,) = new_figure(ink)
    if table.empty:
        say(axes, "no run has logged gradient norms")
        return figure
    axes.set(xscale="log", yscale="log", xlabel="base learning rate γ")
    axes.set_ylabel("mean gradient norm")
    axes.set_ylim(table["grad_norm"].min() / 1.15, table["grad_norm"].max() * 1.15)
    axes.set_xlim(table["lr"].min() / 1.2, table["lr"].max() * 1.2)
    handles = []
    for line in lines(table, ink["labels"]):
        points, fit = (line.rows[line.rows["mark"] == mark] for mark in ("point", "fit"))
        axes.plot(points["lr"], points["grad_norm"], color=line.color, ls="none", marker="o", ms=5)
        draw_bars(axes, points, "lr", line.color)
        axes.plot(fit["lr"], fit["grad_norm"], color=line.color, ls=line.dashes)
        dashes = line.dashes if len(fit) else "none"
        handles.append(legend_line(_name(line, table, ink), line.color, dashes, "o"))
    plain_log_axis(axes.xaxis)
    plain_log_axis(axes.yaxis)
    notes = [legend_line("± half the 95 % interval of the power", "none", "none")]
    place_legend(figure, *[[handle] for handle in handles], notes)
    return figure


def _name(line: Line, table: pd.DataFrame, ink: dict[str, Any]) -> str:
    """What a line is, and its power if there is a fit."""
    text: str = ink["labels"][line.schedule]
    if "value" in table:
        text += f", {ink['vary_label']} = {line.member:.3g}"
    elif table["horizon"].nunique() > 1:
        text += f", T = {line.member:,}"
    fit = line.rows[line.rows["mark"] == "fit"]
    if fit.empty:
        return f"{text}: no fit"
    power, low, high = fit[["power", "power_low", "power_high"]].iloc[0]
    text += f": $\\gamma^{{{power:.3f}}}$"
    return text if pd.isna(low) else f"{text} (± {(high - low) / 2:.3f})"
