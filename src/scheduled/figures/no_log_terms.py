"""Tuned bounds of growing horizons: their ends fall like 1/√T, the constant schedule's slower."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from scheduled.bounds.closed_forms import constant_optimum
from scheduled.figures.base import ExperimentFigure
from scheduled.numerics.power_law import fit_scale

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class NoLogTerms(ExperimentFigure):
    """Tuned bounds of growing horizons, beside the constant schedule's, which has a log term."""

    kind: Literal["no_log_terms"]

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("curve", "tuning")}
    x_and_y: ClassVar[tuple[str, str]] = ("step", "bound")

    def grid_why_not(self, source: Any) -> str:
        plain = source.D == source.grad_norms == 1 and source.bound == "refined"
        if source.vary or len(source.schedules) > 1 or not plain:
            return "it must have one schedule, D = G = 1, the refined bound, and vary nothing"
        if source.base_lr != "tuned":
            return f"base_lr={source.base_lr} must be tuned, as the constant schedule's is"
        return ""

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """Tuned bounds of growing horizons, and two laws to compare their ends with.

        Returns
        -------
        DataFrame
            Columns line (``bound``; ``constant`` for the tuned constant schedule,
            DG/√t·√(1+H_{t−1}); ``fit`` for the A/√t fitted to the tuned ends; ``end`` for these),
            schedule, horizon, step, bound, A.
        """
        curve, ends = tables["curve"], tables["tuning"]
        horizons = ends["horizon"].to_numpy(float)
        # Least squares in ln Ω, whose exponent is fixed.
        a = fit_scale(horizons, ends["optimal_bound"], power=-0.5)
        t = np.unique(np.geomspace(10, horizons.max(), 200).round())
        bounds = curve[np.isfinite(curve["bound"])].assign(line="bound")
        constant = pd.DataFrame(
            {"line": "constant", "step": t, "bound": [constant_optimum(int(step))[1] for step in t]}
        )
        fit = pd.DataFrame({"line": "fit", "step": t, "bound": a / np.sqrt(t)})
        marks = ends.rename(columns={"optimal_bound": "end"})[["schedule", "horizon", "end"]]
        marks = marks.assign(line="end", step=marks["horizon"]).rename(columns={"end": "bound"})
        columns = ["line", "schedule", "horizon", "step", "bound"]
        parts = [bounds[columns], marks[columns], constant, fit]
        table: pd.DataFrame = pd.concat(parts, ignore_index=True)
        return table.assign(A=a)

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import plain_log_axis, sign_cuts
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.lines import lines, member_legend
        from scheduled.figures.kit.style import SCHEDULE_COLORS, new_figure

        figure, (axes,) = new_figure(self)
        bounds = table[table["line"] == "bound"].astype({"horizon": int})
        for line in lines(bounds, look):
            axes.plot(line.rows["step"], line.rows["bound"], color=line.color, lw=1.1)
        constant, fit = table[table["line"] == "constant"], table[table["line"] == "fit"]
        ends = table[table["line"] == "end"]
        gray = SCHEDULE_COLORS["constant"]
        axes.plot(constant["step"], constant["bound"], color=gray, ls=(0, (10, 3.5)))
        axes.plot(fit["step"], fit["bound"], color="#0072B2", ls=(0, (1.5, 1.2)))
        axes.plot(ends["step"], ends["bound"], color="#D55E00", ls="none", marker="o", ms=3)
        axes.set(xscale="log", yscale="log", xlabel="step t", ylabel=look["curve_label"])
        low = fit["bound"].min()
        axes.set(xlim=(30, 1.1 * table["step"].max()), ylim=(low / 1.3, 30 * low))
        plain_log_axis(axes.xaxis)
        plain_log_axis(axes.yaxis)
        sign_cuts(axes)
        place_legend(
            figure,
            [
                legend_line("tuned for T", "#D55E00", "none", "o"),
                legend_line(f"{table['A'].iloc[0]:.3g}/√t (fit)", "#0072B2", (0, (1.5, 1.2))),
                legend_line("constant: √((1+$H_{t-1}$)/t)", gray, (0, (10, 3.5))),
            ],
            member_legend(bounds, look),
        )
        return figure


EXAMPLE: dict[str, Any] = {
    "experiments": {
        "example": {
            "schedules": {"wsd": {"kind": "wsd", "cooldown_len": 0.2}},
            "horizons": [40, 20],
            "sweep": {"points": 5},
        }
    },
    "figures": {"example": {"kind": "no_log_terms", "experiment": "example"}},
}
