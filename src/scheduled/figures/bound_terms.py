"""The two parts of the bound, 𝒯₁/γ and γ𝒯₂, over the steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from scheduled.figures.base import ExperimentFigure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PARTS = {
    "distance": ("from the distance, ∝ 1/γ", "#0072B2", (0, (5, 1.5))),
    "gradient": ("from the gradients, ∝ γ", "#009E73", (0, (6, 1.5, 1.5, 1.5))),
    "sum": ("bound", "#D55E00", "solid"),
}


class BoundTerms(ExperimentFigure):
    """The two parts of the bound, 𝒯₁/γ and γ𝒯₂, over the steps."""

    kind: Literal["bound_terms"]
    horizon: Annotated[int, Field(ge=1)]
    """Horizon shown."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("curve",)}
    x_and_y: ClassVar[tuple[str, str]] = ("step", "y")

    def grid_why_not(self, source: Any) -> str:
        if source.vary or len(source.schedules) > 1:
            return "it must have one schedule, and vary nothing"
        if self.horizon not in source.horizons:
            return f"horizon={self.horizon} is none of its horizons {source.horizons}"
        found: str = source.why_no_split()
        return found

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The two parts of the bound over the steps.

        Returns
        -------
        DataFrame
            Columns schedule, horizon, part (``distance``, ``gradient`` or ``sum``), step, y.
        """
        curve = tables["curve"]
        rows = curve[(curve["horizon"] == self.horizon) & np.isfinite(curve["bound"])]
        names = {"distance_term": "distance", "gradient_term": "gradient", "bound": "sum"}
        long: pd.DataFrame = rows.rename(columns=names).melt(
            id_vars=["schedule", "horizon", "step"],
            value_vars=list(names.values()),
            var_name="part",
            value_name="y",
        )
        return long.filter(["schedule", "horizon", "part", "step", "y"])

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import sign_cuts, step_axis
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.style import new_figure

        figure, (axes,) = new_figure(self)
        for part, (_, color, dashes) in PARTS.items():
            for _, rows in table[table["part"] == part].groupby("schedule"):
                axes.plot(rows["step"], rows["y"], color=color, ls=dashes)
        step_axis(axes, table["step"].max())
        low = table.loc[table["part"] == "sum", "y"].min()
        axes.set(ylabel=look["curve_label"], ylim=(0, 5 * low))
        sign_cuts(axes)
        place_legend(figure, [legend_line(*entry) for entry in PARTS.values()])
        return figure


EXAMPLE: dict[str, Any] = {
    "experiments": {
        "example": {
            "schedules": {"wsd": {"kind": "wsd", "cooldown_len": 0.2}},
            "horizons": [40, 20],
            "sweep": {"points": 5},
        }
    },
    "figures": {"example": {"kind": "bound_terms", "experiment": "example", "horizon": 40}},
}
