"""The bound over the steps of its minimisation over all schedules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

from scheduled.figures.base import ExperimentFigure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REFERENCES = (
    ("#009E73", (0, (6, 1.5, 1.5, 1.5))),
    ("#0072B2", (0, (1.5, 1.2))),
    ("#5C5C5C", (0, (10, 3.5))),
)


class Descent(ExperimentFigure):
    """The bound over the steps of its minimisation over all schedules."""

    kind: Literal["descent"]

    draws: ClassVar[str] = "optimal_schedule"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("bounds", "references")}
    x_and_y: ClassVar[tuple[str, str]] = ("iteration", "bound")

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The bound over the steps of its minimisation, and the values to compare with.

        Returns
        -------
        DataFrame
            Columns line (``descent``, or the name of a reference), iteration, bound.
        """
        descent = tables["bounds"].assign(line="descent")
        references = tables["references"].rename(columns={"name": "line", "value": "bound"})
        table = pd.concat([descent, references], ignore_index=True)
        return table.reindex(columns=["line", "iteration", "bound"])

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.style import new_figure

        figure, (axes,) = new_figure(self)
        descent = table[table["line"] == "descent"]
        axes.plot(descent["iteration"], descent["bound"], color="#D55E00", marker="o", ms=2)
        handles = [legend_line("minimisation of Ω over all schedules", "#D55E00", marker="o")]
        others = table[table["line"] != "descent"]
        for (color, dashes), (name, bound) in zip(
            REFERENCES, zip(others["line"], others["bound"], strict=True), strict=False
        ):
            axes.axhline(bound, color=color, ls=dashes)
            handles.append(legend_line(f"{name}: {bound:.4f}", color, dashes))
        axes.set(xlabel="step of the minimisation", ylabel="last-iterate bound $\\Omega_T$")
        place_legend(figure, *[[handle] for handle in handles])
        return figure


EXAMPLE: dict[str, Any] = {
    "experiments": {"example": {"kind": "optimal_schedule", "horizon": 20, "snapshots": 5}},
    "figures": {"example": {"kind": "descent", "experiment": "example"}},
}
