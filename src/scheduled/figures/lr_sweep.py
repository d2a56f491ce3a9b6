"""Ω_T against the base LR, one line per schedule and horizon, the optimum marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

from scheduled.figures.base import ExperimentFigure
from scheduled.figures.kit.tables import line_columns

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class LrSweep(ExperimentFigure):
    """The bound Ω_T against the base LR, the optimum marked."""

    kind: Literal["lr_sweep"]

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("sweep", "tuning")}
    x_and_y: ClassVar[tuple[str, str]] = ("base_lr", "bound")

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The sweep's curves and the optimum of each.

        Returns
        -------
        DataFrame
            Columns schedule, horizon, value (if one is varied), mark (``curve`` or ``optimum``),
            base_lr, bound.
        """
        curve = tables["sweep"].assign(mark="curve")
        optimum = tables["tuning"].drop(columns=["base_lr", "bound"]).assign(mark="optimum")
        optimum = optimum.rename(columns={"optimal_base_lr": "base_lr", "optimal_bound": "bound"})
        columns = [*line_columns(curve), "mark", "base_lr", "bound"]
        return pd.concat([curve[columns], optimum[columns]], ignore_index=True)

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import plain_log_axis, sign_cuts
        from scheduled.figures.kit.legends import legend_line
        from scheduled.figures.kit.lines import explain_lines, lines
        from scheduled.figures.kit.style import new_figure

        figure, (axes,) = new_figure(self)
        for line in lines(table[table["mark"] == "curve"], look):
            axes.plot(line.rows["base_lr"], line.rows["bound"], color=line.color, ls=line.dashes)
        for line in lines(table[table["mark"] == "optimum"], look):
            axes.plot(
                line.rows["base_lr"], line.rows["bound"],
                color=line.color, ls="none", marker="o", ms=3.5, mec="white", mew=0.7, zorder=3,
            )  # fmt: skip
        axes.set(
            xscale="log", yscale="log", xlabel="base learning rate γ", ylabel=look["bound_label"]
        )
        low = table["bound"].min()
        optima = table.loc[table["mark"] == "optimum", "bound"]
        axes.set_ylim(low / 1.1, min(table["bound"].max() * 1.05, max(10 * low, 10 * optima.max())))
        axes.set_xlim(table["base_lr"].min() / 1.1, table["base_lr"].max() * 1.1)
        sign_cuts(axes)
        plain_log_axis(axes.xaxis)
        plain_log_axis(axes.yaxis)
        optimum = legend_line("optimum γ*", "#444444", "none", "o")
        explain_lines(figure, [axes], table, look, extra=[optimum])
        return figure


EXAMPLE: dict[str, Any] = {
    "experiments": {
        "example": {
            "schedules": {
                "wsd": {"kind": "wsd", "cooldown_len": 0.2},
                "cosine": {"kind": "cosine"},
            },
            "horizons": [40, 20],
            "sweep": {"points": 5},
        }
    },
    "figures": {"example": {"kind": "lr_sweep", "experiment": "example"}},
}
