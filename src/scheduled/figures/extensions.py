"""Schedules extended to longer horizons, and their bounds beside not adapting anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from scheduled.core.model import PositiveFloat
from scheduled.figures.base import ExperimentFigure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAIVE, NAIVE_COLOR, LINEAR = (0, (2, 1.2)), "#777777", "#222222"


class Extensions(ExperimentFigure):
    """Schedules extended to longer horizons (left), and their bounds (right)."""

    kind: Literal["extensions"]
    y_max: PositiveFloat | None = None
    """Upper end of the bound's axis; by default five times the smallest value."""

    draws: ClassVar[str] = "horizon_transfer"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("extensions", "curves")}
    x_and_y: ClassVar[tuple[str, str]] = ("step", "y")

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """Schedules and bounds of every extension, and where tuned linear decay ends.

        Returns
        -------
        DataFrame
            Columns panel (``schedule`` or ``bound``), line (``adapted``, ``naive`` or ``linear``),
            multiple, step, y, found (whether the adapted value is a solution).
        """
        found = tables["extensions"].set_index("multiple")["found"]
        parts = []
        for panel, column in (("schedule", "learning_rate"), ("bound", "bound")):
            rows = tables["curves"].rename(columns={column: "y"}).assign(panel=panel)
            parts.append(rows)
        ends = tables["extensions"].rename(columns={"horizon": "step", "linear_bound": "y"})
        parts.append(ends.assign(panel="bound", line="linear"))
        table = pd.concat(
            [part.filter(["panel", "line", "multiple", "step", "y"]) for part in parts],
            ignore_index=True,
        )
        finite: pd.DataFrame = table[np.isfinite(table["y"])]
        return finite.assign(found=table["multiple"].map(found))

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import sign_cuts, step_axis
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.lines import value_color
        from scheduled.figures.kit.style import new_figure

        figure, (left, right) = new_figure(self, panels=2)
        multiples = sorted(table["multiple"].unique())
        entries = []
        for multiple in multiples:
            color = value_color(multiple, multiples)
            rows = table[table["multiple"] == multiple]
            for axes, panel in ((left, "schedule"), (right, "bound")):
                for line, dashes in (("naive", NAIVE), ("adapted", "solid")):
                    part = rows[(rows["panel"] == panel) & (rows["line"] == line)]
                    style = (
                        {"color": NAIVE_COLOR, "lw": 0.8} if line == "naive" else {"color": color}
                    )
                    axes.plot(part["step"], part["y"], ls=dashes, **style)
            end = rows[rows["line"] == "linear"]
            right.plot(end["step"], end["y"], color=LINEAR, ls="none", marker="D", ms=2.5)
            found = "" if rows["found"].all() else " (closest)"
            entries.append(legend_line(f"{multiple:g} × T{found}", color))
        last = table["step"].max()
        step_axis(left, last)
        step_axis(right, last)
        bounds = table[table["panel"] == "bound"]
        low = bounds["y"].min()
        rates = table.loc[table["panel"] == "schedule", "y"]
        # The peak of a schedule like 1/√t would flatten all else.
        left.set(ylabel="learning rate γηₜ", ylim=(0, 1.05 * min(rates.max(), 6 * rates.median())))
        high = self.y_max or 5 * low
        right.set(ylabel="last-iterate bound $\\Omega_t$", ylim=(low - 0.08 * (high - low), high))
        sign_cuts(left, right)
        styles = [
            legend_line("adapted", "#222222"),
            legend_line("not adapted", NAIVE_COLOR, NAIVE),
            legend_line("tuned linear decay, end", LINEAR, "none", "D"),
        ]
        place_legend(figure, entries, styles)
        return figure


EXAMPLE: dict[str, Any] = {
    "experiments": {
        "example": {
            "kind": "horizon_transfer",
            "schedule": {"kind": "wsd", "cooldown_len": 0.2},
            "adapt": "cooldown_len",
            "horizon": 200,
            "multiples": [2, 1, 5],
            "sweep": {"low": 0.02, "high": 0.4, "points": 7},
            "curve_points": 40,
        }
    },
    "figures": {"example": {"kind": "extensions", "experiment": "example"}},
}
