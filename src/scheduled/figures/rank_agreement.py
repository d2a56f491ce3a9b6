"""Loss of runs against their bound, and how far their agreement depends on the LR scale."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scheduled.figures.kit.analysed import LOSS_LABELS, say
from scheduled.figures.kit.lines import explain_lines, lines
from scheduled.figures.kit.style import legend_line, new_figure, plain_log_axis

WIDE = 4.0
"""Bounds further apart than this factor are on a logarithmic axis."""
MARKS = {"matched": "#D55E00", "given": "#0072B2"}


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.rank_agreement`.

    Parameters
    ----------
    table : DataFrame
        Columns panel (``runs`` or ``scan``), mark, schedule (the series), horizon, value (if one
        varies), x (bound, or κ), y (loss, or τ).
    ink : dict
        ``labels``, ``loss`` (what the loss is of), ``lr_scale``, ``D`` and ``G`` of the bound,
        ``vary_label``, sizes and title.
    """
    figure, (left, right) = new_figure(ink, panels=2)
    runs = table[table["panel"] == "runs"].dropna(axis="columns", how="all")
    scan = table[table["panel"] == "scan"]
    if runs.empty or scan.empty:
        say(left, "no run has a bound, or no scale of the learning rates is known")
        return figure
    # Beside rows without a horizon, whole numbers are read as others.
    runs = runs.astype({"horizon": "int64"})
    left.set_xlabel(f"last-iterate bound $\\Omega_T$ at D = {ink['D']:g}, G = {ink['G']:g}")
    left.set_ylabel(LOSS_LABELS[ink["loss"]])
    for line in lines(runs, ink["labels"]):
        left.plot(line.rows["x"], line.rows["y"], color=line.color, ls="none", marker="o", ms=4.5)
    if runs["x"].max() > WIDE * runs["x"].min():
        left.set_xscale("log")
        left.set_xlim(runs["x"].min() / 1.15, runs["x"].max() * 1.15)
        plain_log_axis(left.xaxis)
    shown = "matched" if ink["lr_scale"] == "matched" else "given"
    at = scan[scan["mark"] == shown].iloc[0]
    left.set_title(f"$\\tau$ = {at['y']:.2f} at κ = {at['x']:.3g} ({shown})")
    marks = _draw_scan(right, scan)
    explain_lines(figure, [left, right], runs, ink, extra=marks)
    return figure


def _draw_scan(axes: Axes, scan: pd.DataFrame) -> list[Any]:
    marked = [mark for mark in MARKS if (scan["mark"] == mark).any()]
    reference = scan.loc[scan["mark"] == marked[0], "x"].iloc[0]
    curve = scan[scan["mark"] == "scan"]
    axes.plot(curve["x"] / reference, curve["y"], color="#444444", marker="o", ms=2.5, lw=1)
    handles = []
    for mark in marked:
        row = scan[scan["mark"] == mark]
        axes.plot(
            row["x"] / reference, row["y"], color=MARKS[mark], ls="none", marker="D", ms=6,
            mec="white", zorder=3,
        )  # fmt: skip
        handles.append(legend_line(f"{mark} κ", MARKS[mark], "none", "D"))
    axes.set(xscale="log", xlabel=f"LR scale κ / {marked[0]} κ", ylabel="Kendall's $\\tau$")
    axes.set_ylim(min(-0.05, 1.1 * scan["y"].min()), 1.05)
    axes.axhline(0, color="#444444", lw=0.7)
    plain_log_axis(axes.xaxis)
    return handles
