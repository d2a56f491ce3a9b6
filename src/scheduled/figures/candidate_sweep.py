"""The bound of every candidate against the base LR, and the base LR that is to be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

from scheduled.figures.base import ExperimentFigure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class CandidateSweep(ExperimentFigure):
    """The bound of every candidate against the base LR, its optimum, and the base LR to keep."""

    kind: Literal["candidate_sweep"]

    draws: ClassVar[str] = "horizon_transfer"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("candidates", "extensions")}

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
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Normalize

        from scheduled.figures.kit.axes import plain_log_axis
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.lines import VALUE_COLORS, value_color
        from scheduled.figures.kit.style import new_figure

        figure, (axes,) = new_figure(self)
        values = sorted(table["value"].dropna().unique())
        for value in values:
            rows = table[table["value"] == value]
            color = value_color(value, values)
            sweep, optimum = rows[rows["mark"] == "sweep"], rows[rows["mark"] == "optimum"]
            axes.plot(sweep["base_lr"], sweep["bound"], color=color, lw=0.9)
            axes.plot(
                optimum["base_lr"], optimum["bound"], color=color, ls="none", marker="o", ms=3.5
            )
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
        bar.set_label(look["adapt_label"])
        bar.outline.set_visible(False)
        text = f"γ* of T = {look['horizon']:,}, to be kept"
        place_legend(
            figure,
            [
                legend_line(text, "#222222", (0, (4, 2))),
                legend_line("optimum γ*", "#444444", "none", "o"),
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
