"""Loss of runs against the base LR, with the fitted curves and optima: all, and the lowest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from scheduled.core import promise
from scheduled.core.rounding import ROUNDING
from scheduled.figures.base import LineFigure
from scheduled.figures.kit.tables import as_lines, each_fit, line_columns, succeeded

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CURVE_POINTS = 100
LOW_PART = 0.25
"""Part of the range of losses that is shown enlarged."""
LOOKS: dict[str, dict[str, Any]] = {
    "point": {"ls": "none", "marker": "o", "ms": 3.5},
    "optimum": {"ls": "none", "marker": "*", "ms": 8, "mec": "white", "mew": 0.8, "zorder": 4},
}


class LossOverLr(LineFigure):
    """Loss against the base LR, the fitted curves and their optima."""

    kind: Literal["loss_over_lr"]

    analyses: ClassVar[str] = "loss_over_lr"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("points", "fits")}
    x_and_y: ClassVar[tuple[str, str]] = ("lr", "loss")
    promises: ClassVar[tuple[promise.Cells, ...]] = (
        promise.Cells(("loss", "low", "high"), promise.EXACT, ("mark", "point"), averaged=True),
        promise.Cells(("lr", "loss", "low", "high"), promise.DIRECT, ("mark", "curve", "optimum")),
    )

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The losses, and the fitted curves over the base LRs tried, with their optima.

        Returns
        -------
        DataFrame
            Columns schedule (the series), horizon, value (if one varies), mark (``point``,
            ``curve``, ``optimum``), lr, loss, low, high. Fits that failed have points only; an
            optimum outside the base LRs tried is not marked.
        """
        points, fits = as_lines(tables["points"]), succeeded(tables["fits"])
        keys = line_columns(points)
        parts = [points.assign(mark="point")]
        for fit, line, lrs in each_fit(points, fits):
            x = np.geomspace(lrs.min(), lrs.max(), CURVE_POINTS)
            loss = fit["A"] / x + fit["B"] * x + fit["C"]
            parts.append(pd.DataFrame({**line, "mark": "curve", "lr": x, "loss": loss}))
            if lrs.min() * (1 - ROUNDING) <= fit["optimum"] <= lrs.max() * (1 + ROUNDING):
                best = {"mark": "optimum", "lr": fit["optimum"], "loss": fit["loss_at_optimum"]}
                parts.append(pd.DataFrame([{**line, **best}]))
        return pd.concat(parts, ignore_index=True)[[*keys, "mark", "lr", "loss", "low", "high"]]

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import LOSS_LABELS, limits, plain_log_axis, say, sign_cuts
        from scheduled.figures.kit.legends import legend_line
        from scheduled.figures.kit.lines import explain_lines, seeds_note
        from scheduled.figures.kit.style import new_figure

        figure, (whole, near) = new_figure(self, panels=2)
        if table.empty:
            say(whole, "no run has a loss")
            return figure
        for axes in (whole, near):
            axes.set(xscale="log", xlabel="base learning rate γ")
            axes.set_xlim(table["lr"].min() / 1.2, table["lr"].max() * 1.2)
            axes.set_ylim(limits([*table["loss"], *table["low"], *table["high"]]))
            _draw_lines(axes, table, look)
        _show_low_losses(near, table)
        sign_cuts(near)
        whole.set_ylabel(LOSS_LABELS[look["loss"]])
        for axes, title in ((whole, "all"), (near, "the lowest losses")):
            axes.set_title(title)
            plain_log_axis(axes.xaxis)
        notes = {
            "point": legend_line("runs", "#444444", "none", "o"),
            "curve": legend_line("fit A/γ + Bγ + C", "#444444"),
            "optimum": legend_line("optimum √(A/B)", "#444444", "none", "*"),
        }
        shown: list[Any] = [note for mark, note in notes.items() if (table["mark"] == mark).any()]
        shown += seeds_note(table, look)
        explain_lines(figure, [whole, near], table, look, extra=shown)
        return figure


def _draw_lines(axes: Axes, table: pd.DataFrame, look: Mapping[str, Any]) -> None:
    from scheduled.figures.kit.axes import draw_bars
    from scheduled.figures.kit.lines import lines

    # Colours are those of all lines together: a point has the same whatever was fitted.
    for line in lines(table, look):
        for mark, rows in line.rows.groupby("mark"):
            style = LOOKS.get(str(mark), {"ls": line.dashes, "lw": 1.2})
            axes.plot(rows["lr"], rows["loss"], color=line.color, **style)
        draw_bars(axes, line.rows, "lr", line.color)


def _show_low_losses(axes: Axes, table: pd.DataFrame) -> None:
    """Narrow the axes to the lowest part of the losses, where the optima are."""
    from scheduled.figures.kit.axes import limits

    low, high = table["loss"].min(), table["loss"].max()
    top = low + LOW_PART * (high - low)
    points = table[(table["mark"] == "point") & (table["loss"] <= top + ROUNDING * high)]
    if points["lr"].nunique() > 1:
        axes.set_ylim(limits([low, top]))
        axes.set_xlim(points["lr"].min() / 1.1, points["lr"].max() * 1.1)


EXAMPLE: dict[str, Any] = {
    "groups": {
        "example": {
            "vary": ["lr", "cooldown"],
            "series": {"wsd": {"label": "WSD", "select": {"schedule": "wsd"}}},
        }
    },
    "analyses": {"example": {"kind": "loss_over_lr", "group": "example"}},
    "figures": {"example": {"kind": "loss_over_lr", "analysis": "example"}},
}
