"""Ω_T against a varied value, at fixed base LRs and at the best one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import pandas as pd
from pydantic import Field

from scheduled.core.model import PositiveFloat
from scheduled.figures.base import ExperimentFigure
from scheduled.figures.kit.tables import is_least

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class BoundOverValue(ExperimentFigure):
    """The bound Ω_T at fixed base LRs, and at the best one, against the varied quantity."""

    kind: Literal["bound_over_value"]
    base_lrs: Annotated[list[PositiveFloat], Field(min_length=1, max_length=6)]
    """The fixed base LRs, one line each."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("tuning",)}
    x_and_y: ClassVar[tuple[str, str]] = ("value", "bound")

    def grid_why_not(self, source: Any) -> str:
        if not source.vary or len(source.schedules) > 1 or len(source.horizons) > 1:
            return "it must vary a quantity, for one schedule and one horizon"
        found: str = source.why_no_split()
        return found

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """Ω_T = 𝒯₁/γ + γ𝒯₂ against the varied value, at fixed γ and at γ*.

        Returns
        -------
        DataFrame
            Columns line (the γ, or ``tuned``), value, bound, least (whether it is the lowest of its
            line).
        """
        tuning = tables["tuning"]
        parts = [
            pd.DataFrame(
                {
                    "line": f"{base_lr:g}",
                    "value": tuning["value"],
                    "bound": tuning["distance_term"] / base_lr + base_lr * tuning["gradient_term"],
                }
            )
            for base_lr in self.base_lrs
        ]
        tuned = pd.DataFrame(
            {"line": "tuned", "value": tuning["value"], "bound": tuning["optimal_bound"]}
        )
        table = pd.concat([*parts, tuned], ignore_index=True)
        return table.assign(least=is_least(table, "bound", ["line"]))

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.lines import value_color
        from scheduled.figures.kit.style import new_figure

        figure, (axes,) = new_figure(self)
        names = list(dict.fromkeys(table["line"]))
        handles = []
        for name in names:
            rows = table[table["line"] == name]
            tuned = name == "tuned"
            color = "#222222" if tuned else value_color(float(name), self.base_lrs, "theory_lr")
            dashes = (0, (4, 2)) if tuned else "solid"
            axes.plot(rows["value"], rows["bound"], color=color, ls=dashes, marker="o", ms=2)
            least = rows[rows["least"]]
            axes.plot(least["value"], least["bound"], color=color, marker="*", ms=7.5, mec="white")
            handles.append(legend_line("γ = γ*" if tuned else f"γ = {name}", color, dashes, "o"))
        axes.set(xlabel=look["vary_label"], ylabel=look["bound_label"])
        handles.append(legend_line("least", "#444444", "none", "*"))
        place_legend(figure, handles)
        return figure


EXAMPLE: dict[str, Any] = {
    "experiments": {
        "example": {
            "schedules": {"wsd": {"kind": "wsd"}},
            "horizons": [20],
            "sweep": {"points": 5},
            "vary": {"parameter": "cooldown_len", "values": [1.0, 0.5, 0.2], "label": "fraction"},
        }
    },
    "figures": {
        "example": {"kind": "bound_over_value", "experiment": "example", "base_lrs": [0.1, 0.25]}
    },
}
