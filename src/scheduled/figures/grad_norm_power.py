"""Mean gradient norm of runs against the base LR, with the fitted power law."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from scheduled.core import promise
from scheduled.figures.base import LineFigure
from scheduled.figures.kit.tables import as_lines, each_fit, line_columns, succeeded

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from scheduled.figures.kit.lines import Line

LINE_POINTS = 2
"""A power law is a straight line on logarithmic axes."""


class GradNormPower(LineFigure):
    """Mean gradient norm against the base LR, with the fitted power law."""

    kind: Literal["grad_norm_power"]

    analyses: ClassVar[str] = "grad_norm_power"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("points", "fits")}
    x_and_y: ClassVar[tuple[str, str]] = ("lr", "grad_norm")
    promises: ClassVar[tuple[promise.Cells, ...]] = (
        promise.Cells(
            ("grad_norm", "low", "high", "power", "power_low", "power_high"), promise.DIRECT
        ),
    )

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The mean gradient norms, and the power laws over the base LRs tried.

        Returns
        -------
        DataFrame
            Columns schedule (the series), horizon, value (if one varies), mark (``point`` or
            ``fit``), lr, grad_norm, low, high, power and its interval power_low and power_high.
        """
        points, fits = as_lines(tables["points"]), succeeded(tables["fits"])
        keys = line_columns(points)
        powers = ["power", "power_low", "power_high"]
        parts = [points.merge(fits[[*keys, *powers]], on=keys, how="left").assign(mark="point")]
        for fit, line, lrs in each_fit(points, fits):
            x = np.geomspace(lrs.min(), lrs.max(), LINE_POINTS)
            norms = {"mark": "fit", "lr": x, "grad_norm": fit["scale"] * x ** fit["power"]}
            parts.append(pd.DataFrame({**line, **norms, **{name: fit[name] for name in powers}}))
        columns = [*keys, "mark", "lr", "grad_norm", "low", "high", *powers]
        return pd.concat(parts, ignore_index=True)[columns]

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import draw_bars, plain_log_axis, say
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.lines import lines, seeds_note
        from scheduled.figures.kit.style import new_figure

        figure, (axes,) = new_figure(self)
        if table.empty:
            say(axes, "no run has logged gradient norms")
            return figure
        axes.set(xscale="log", yscale="log", xlabel="base learning rate γ")
        axes.set_ylabel("mean gradient norm")
        axes.set_ylim(table["grad_norm"].min() / 1.15, table["grad_norm"].max() * 1.15)
        axes.set_xlim(table["lr"].min() / 1.2, table["lr"].max() * 1.2)
        handles = []
        for line in lines(table, look):
            points, fit = (line.rows[line.rows["mark"] == mark] for mark in ("point", "fit"))
            axes.plot(
                points["lr"], points["grad_norm"], color=line.color, ls="none", marker="o", ms=4
            )
            draw_bars(axes, points, "lr", line.color)
            axes.plot(fit["lr"], fit["grad_norm"], color=line.color, ls=line.dashes)
            dashes = line.dashes if len(fit) else "none"
            handles.append(legend_line(_name(line, table, look), line.color, dashes, "o"))
        plain_log_axis(axes.xaxis)
        plain_log_axis(axes.yaxis)
        notes = [legend_line("± half the 95 % interval of the power", "none", "none")]
        place_legend(figure, *[[handle] for handle in handles], notes, seeds_note(table, look))
        return figure


def _name(line: Line, table: pd.DataFrame, look: Mapping[str, Any]) -> str:
    """What a line is, and its power if there is a fit."""
    text: str = look["labels"][line.schedule]
    if "value" in table:
        text += f", {look['vary_label']} = {line.member:.3g}"
    elif table["horizon"].nunique() > 1:
        text += f", T = {line.member:,}"
    fit = line.rows[line.rows["mark"] == "fit"]
    if fit.empty:
        return f"{text}: no fit"
    power, low, high = fit[["power", "power_low", "power_high"]].iloc[0]
    text += f": $\\gamma^{{{power:.3f}}}$"
    return text if pd.isna(low) else f"{text} (± {(high - low) / 2:.3f})"


EXAMPLE: dict[str, Any] = {
    "groups": {
        "example": {
            "vary": ["lr"],
            "series": {
                "wsd": {"label": "WSD", "select": {"schedule": "wsd"}},
                "cosine": {"label": "Cosine", "select": {"schedule": "cosine"}},
            },
        }
    },
    "analyses": {"example": {"kind": "grad_norm_power", "group": "example"}},
    "figures": {"example": {"kind": "grad_norm_power", "analysis": "example"}},
}
