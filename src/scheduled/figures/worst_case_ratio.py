"""Ω_t over the exact worst case (left), and what both say of the schedules at T (right)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from scheduled.figures.base import ExperimentFigure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Column of the experiment → what the right panel calls it, its colour and its marker.
VALUES = {
    "omega": ("bound $\\Omega_T$, tuned", "#0072B2", "o"),
    "exact": ("exact worst case at the same γ", "#D55E00", "o"),
    "exact_tuned": ("exact worst case, tuned by itself", "#D55E00", "x"),
}


class WorstCaseRatio(ExperimentFigure):
    """Ω_t over the exact worst case over time, and the schedules at T by both."""

    kind: Literal["worst_case_ratio"]

    draws: ClassVar[str] = "worst_case"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("worst_case", "tuning")}

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The ratio over the iterates, and three values at T over the least of all schedules.

        Returns
        -------
        DataFrame
            Columns schedule, line (``ratio``, or ``omega``, ``exact``, ``exact_tuned``), step (0
            for the values at T) and y.
        """
        curves, tuning = tables["worst_case"], tables["tuning"]
        ratio = curves[["schedule", "step"]].assign(
            line="ratio", y=curves["omega"] / curves["exact"]
        )
        values = [
            tuning[["schedule"]].assign(line=name, step=0, y=tuning[name] / tuning["least"])
            for name in VALUES
        ]
        table = pd.concat([ratio, *values], ignore_index=True)
        # Where a learning rate is 0, Ω_t is infinite.
        finite: pd.DataFrame = table[np.isfinite(table["y"])]
        return finite.filter(["schedule", "line", "step", "y"])

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import plain_log_axis, step_axis
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.style import new_figure, schedule_styles

        figure, (left, right) = new_figure(self, panels=2)
        names = [name for name in look["labels"] if (table["schedule"] == name).any()]
        curves, ends = table[table["line"] == "ratio"], table[table["line"] != "ratio"]
        order = ends[ends["line"] == "exact"].set_index("schedule")["y"].reindex(names)
        ranked = order.sort_values(kind="stable").index.tolist()
        styles = schedule_styles(names)
        for name in names:
            rows = curves[curves["schedule"] == name]
            left.plot(rows["step"], rows["y"], color=styles[name][0], ls=styles[name][1])
        step_axis(left, int(curves["step"].max()))
        left.set(ylabel="$\\Omega_t$ / exact worst case", yscale="log")
        left.set_ylim(0.95, 1.1 * curves["y"].max())
        plain_log_axis(left.yaxis)
        left.axhline(1, color="#444444", lw=0.7)
        for line, (_, color, marker) in VALUES.items():
            rows = ends[ends["line"] == line].set_index("schedule")["y"].reindex(ranked)
            right.plot(rows, range(len(ranked)), color=color, ls="none", marker=marker, ms=4)
        right.set_yticks(range(len(ranked)), [look["labels"][name] for name in ranked])
        right.set(xlabel="value at T / smallest exact worst case", ylim=(-0.5, len(ranked) - 0.5))
        right.axvline(1, color="#444444", lw=0.7)
        lines = [legend_line(look["labels"][name], *styles[name]) for name in names]
        place_legend(figure, lines, [legend_line(t, c, "none", m) for t, c, m in VALUES.values()])
        return figure


EXAMPLE: dict[str, Any] = {
    "experiments": {
        "example": {
            "kind": "worst_case",
            "schedules": {
                "wsd": {"kind": "wsd", "cooldown_len": 0.2},
                "cosine": {"kind": "cosine"},
            },
            "horizon": 8,
            "pep_at": [3],
            "D": 2.0,
            "G": {"power": 0.5},
        }
    },
    "figures": {"example": {"kind": "worst_case_ratio", "experiment": "example"}},
}
