"""How far γ* of linear decay lies above that of a shorter cooldown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

from scheduled.figures.base import ExperimentFigure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class LrTransfer(ExperimentFigure):
    """How far the best base LR of linear decay lies above that of a shorter cooldown."""

    kind: Literal["lr_transfer"]

    draws: ClassVar[str] = "lr_transfer"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("log_ratios",)}
    x_and_y: ClassVar[tuple[str, str]] = ("fraction", "log_ratio")

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """ln γ*(1) − ln γ*(c) and the fitted polynomial, for every horizon.

        Returns
        -------
        DataFrame
            Columns horizon, fraction, log_ratio, fitted, residual.
        """
        return tables["log_ratios"]

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.lines import value_color
        from scheduled.figures.kit.style import new_figure

        figure, (axes,) = new_figure(self)
        horizons = sorted(table["horizon"].unique())
        positions = list(range(len(horizons)))
        handles = []
        for position, horizon in enumerate(horizons):
            rows = table[table["horizon"] == horizon]
            color = value_color(position, positions) if len(horizons) > 1 else "#0072B2"
            axes.plot(rows["fraction"], rows["log_ratio"], color=color, ls="none", marker="o", ms=2)
            axes.plot(rows["fraction"], rows["fitted"], color=color, lw=1)
            handles.append(legend_line(f"T = {horizon:,}", color, marker="o"))
        axes.set(xlabel="cooldown fraction c", ylabel="ln γ*(1) − ln γ*(c)")
        note = [
            legend_line("computed", "#555555", "none", "o"),
            legend_line("polynomial fit", "#555555"),
        ]
        place_legend(figure, handles, note)
        return figure


EXAMPLE: dict[str, Any] = {
    "experiments": {
        "example": {"kind": "lr_transfer", "horizons": [100, 50], "points": 8, "degree": 3}
    },
    "figures": {"example": {"kind": "lr_transfer", "experiment": "example"}},
}
