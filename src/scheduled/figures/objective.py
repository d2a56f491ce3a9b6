"""The objective over the iterates of the subgradient method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

from scheduled.figures.base import ExperimentFigure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Objective(ExperimentFigure):
    """The objective over the iterates of the subgradient method."""

    kind: Literal["objective"]

    draws: ClassVar[str] = "subgradient"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("path",)}

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The objective over the iterates.

        Returns
        -------
        DataFrame
            Columns schedule, step, objective.
        """
        return tables["path"].filter(["schedule", "step", "objective"])

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import step_axis
        from scheduled.figures.kit.legends import place_legend
        from scheduled.figures.kit.lines import ordered
        from scheduled.figures.kit.style import new_figure, schedule_styles

        figure, (axes,) = new_figure(self)
        for name, (color, dashes) in schedule_styles(list(look["labels"])).items():
            rows = table[table["schedule"] == name]
            axes.plot(rows["step"], rows["objective"], color=color, ls=dashes, lw=1.1)
        step_axis(axes, table["step"].max())
        axes.set(yscale="log", ylabel="objective $f(x_t)$, minimum 0")
        low = max(table["objective"].min(), 1e-4 * table["objective"].max())
        axes.set_ylim(bottom=low / 1.5)
        place_legend(figure, ordered(table.assign(horizon=0), look["labels"]))
        return figure


EXAMPLE: dict[str, Any] = {
    "experiments": {
        "example": {
            "kind": "subgradient",
            "horizon": 30,
            "schedules": {
                "wsd": {"kind": "wsd", "cooldown_len": 0.2},
                "constant": {"kind": "constant"},
            },
            "base_lr": {"wsd": 0.2, "constant": 0.1},
        }
    },
    "figures": {"example": {"kind": "objective", "experiment": "example"}},
}
