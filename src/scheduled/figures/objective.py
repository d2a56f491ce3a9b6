"""The objective over the iterates of the subgradient method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

from scheduled.figures.base import ExperimentFigure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


WINDOWS = 40
"""Parts of the run; of each, a median and a range are drawn."""


class Objective(ExperimentFigure):
    """The objective over the iterates of the subgradient method."""

    kind: Literal["objective"]

    draws: ClassVar[str] = "subgradient"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("path",)}
    x_and_y: ClassVar[tuple[str, str]] = ("step", "objective")

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The objective over the iterates.

        Returns
        -------
        DataFrame
            Columns schedule, step, learning_rate, objective.
        """
        return tables["path"].filter(["schedule", "step", "learning_rate", "objective"])

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from matplotlib.patches import Patch

        from scheduled.figures.kit.axes import COOLDOWN, mark_cooldown, step_axis
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.lines import ordered
        from scheduled.figures.kit.style import new_figure, schedule_styles

        figure, (axes,) = new_figure(self)
        last = int(table["step"].max())
        marked = False
        for name, (color, dashes) in schedule_styles(list(look["labels"])).items():
            rows = table[table["schedule"] == name]
            # Iterates jump back and forth: of each window their median, and from least to largest.
            windows = rows.groupby((rows["step"] - 1) // max(1, last // WINDOWS))
            over = windows["objective"].agg(["min", "median", "max"])
            middle = windows["step"].mean()
            axes.fill_between(middle, over["min"], over["max"], color=color, alpha=0.18, lw=0)
            axes.plot(middle, over["median"], color=color, ls=dashes)
            marked |= mark_cooldown(axes, rows)
        step_axis(axes, last)
        axes.set(yscale="log", ylabel="objective $f(x_t)$, minimum 0")
        notes: list[Any] = [
            legend_line(f"median of {max(1, last // WINDOWS)} steps", "#444444"),
            Patch(color="#444444", alpha=0.25, lw=0, label="least to largest"),
        ]
        notes += [legend_line("cooldown begins", COOLDOWN, (0, (2, 2)))] if marked else []
        place_legend(figure, ordered(table.assign(horizon=0), look), notes)
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
