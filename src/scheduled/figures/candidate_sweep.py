"""The best base LR of every candidate, and the base LR that is to be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from scheduled.figures.base import ExperimentFigure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


SHOWN = 7
"""Candidates whose bounds are drawn."""


class CandidateSweep(ExperimentFigure):
    """The best base LR of every candidate (left), and the bound of some against it (right)."""

    kind: Literal["candidate_sweep"]

    draws: ClassVar[str] = "horizon_transfer"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("candidates", "extensions")}
    x_and_y: ClassVar[tuple[str, str]] = ("base_lr", "bound")

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """Sweeps and optima of every candidate, and the base LR to keep.

        Returns
        -------
        DataFrame
            Columns mark (``sweep``, ``optimum`` or ``kept``), value, base_lr, bound.
        """
        kept = pd.DataFrame({"mark": "kept", "base_lr": tables["extensions"]["base_lr"].iloc[:1]})
        columns = ["mark", "value", "base_lr", "bound"]
        return pd.concat([tables["candidates"][columns], kept], ignore_index=True)

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import number, plain_log_axis, sign_cuts
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.lines import color_bar, value_color
        from scheduled.figures.kit.style import new_figure

        figure, (left, right) = new_figure(self, panels=2)
        kept = table.loc[table["mark"] == "kept", "base_lr"].iloc[0]
        dashes: Any = (0, (4, 2))
        optima = table[table["mark"] == "optimum"].sort_values("value")
        left.plot(optima["value"], optima["base_lr"], color="#0072B2", marker="o", ms=3, lw=0.8)
        left.axhline(kept, color="#222222", lw=1, ls=dashes)
        closest = optima.iloc[[np.abs(np.log(optima["base_lr"] / kept)).argmin()]]
        left.plot(
            closest["value"], closest["base_lr"],
            color="#D55E00", ls="none", marker="*", ms=9, mec="white", zorder=3,
        )  # fmt: skip
        left.set(xlabel=look["adapt_label"], ylabel="its best base learning rate γ*", yscale="log")
        low, high = min(kept, optima["base_lr"].min()), max(kept, optima["base_lr"].max())
        left.set_ylim(low / 1.1, high * 1.1)
        plain_log_axis(left.yaxis)

        values = optima["value"].to_numpy(float)
        shown = values[np.linspace(0, len(values) - 1, min(SHOWN, len(values))).round().astype(int)]
        for value in shown:
            rows = table[table["value"] == value]
            color = value_color(value, values, "unit")
            sweep, optimum = rows[rows["mark"] == "sweep"], rows[rows["mark"] == "optimum"]
            right.plot(sweep["base_lr"], sweep["bound"], color=color, lw=1)
            right.plot(
                optimum["base_lr"], optimum["bound"],
                color=color, ls="none", marker="o", ms=4, mec="white", mew=0.5, zorder=3,
            )  # fmt: skip
        right.axvline(kept, color="#222222", lw=1, ls=dashes)
        ends = optima["bound"].min(), optima["bound"].max()
        right.set(xscale="log", xlabel="base learning rate γ", xlim=(low / 2, high * 2))
        right.set(ylabel="last-iterate bound $\\Omega_T$")
        right.set_ylim(0.98 * ends[0], max(1.25 * ends[0], 1.1 * ends[1]))
        plain_log_axis(right.xaxis)
        sign_cuts(right)
        color_bar(figure, [right], values, look["adapt_label"], "unit")
        place_legend(
            figure,
            [
                legend_line(f"γ* of T = {look['horizon']:,}, to be kept", "#222222", dashes),
                legend_line(
                    f"closest candidate, {number(closest['value'].iloc[0])}", "#D55E00", "none", "*"
                ),
                legend_line("optimum", "#444444", "none", "o"),
            ],
        )
        return figure


EXAMPLE: dict[str, Any] = {
    "experiments": {
        "example": {
            "kind": "horizon_transfer",
            "schedule": {"kind": "wsd", "cooldown_len": 0.2},
            "adapt": "factor",
            "horizon": 200,
            "multiples": [1, 2],
            "sweep": {"low": 0.02, "high": 0.4, "points": 7},
            "curve_points": 40,
        }
    },
    "figures": {"example": {"kind": "candidate_sweep", "experiment": "example"}},
}
