"""Loss curves that were predicted before their runs were trained, beside the trained ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import pandas as pd
from pydantic import Field

from scheduled.core import promise
from scheduled.core.model import EachOnce, Name
from scheduled.figures.base import AnalysisFigure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 4
PANEL_HEIGHT = 1.5
WIDTH = 6.9
"""In inches."""
MEASURED, PREDICTED = "#5C5C5C", "#D55E00"
OTHERS = (("#0072B2", (0, (4, 1.3))), ("#009E73", (0, (1.5, 1.2))))


class PredictedCurves(AnalysisFigure):
    """One panel per schedule: loss, prediction and interval, as means over seeds."""

    kind: Literal["predicted_curves"]
    compared: Annotated[list[Name], Field(max_length=len(OTHERS)), EachOnce] = []
    """Other laws whose predictions are drawn."""

    analyses: ClassVar[str] = "prediction_scores"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("points",)}
    promises: ClassVar[tuple[promise.Cells, ...]] = (
        promise.Cells(("loss", "predicted", "low", "high"), promise.EXACT, averaged=True),
    )

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """Means over the seeds.

        Returns
        -------
        DataFrame
            Columns law (``chosen``, or one of `compared`), schedule, lr, horizon, step, loss,
            predicted, low, high; only the chosen law has an interval.

        Raises
        ------
        ValueError
            If a compared law was not predicted.
        """
        points = tables["points"]
        if unknown := [law for law in self.compared if law not in points.columns]:
            raise ValueError(f"compared={unknown}: nothing is predicted by these laws")
        keys = ["schedule", "lr", "horizon", "step"]
        means = points.groupby(keys, sort=False).mean(numeric_only=True).reset_index()
        parts = [means.assign(law="chosen")]
        for law in self.compared:
            parts.append(means.assign(law=law, predicted=means[law], low=math.nan, high=math.nan))
        columns = ["law", *keys, "loss", "predicted", "low", "high"]
        return pd.concat(parts, ignore_index=True)[columns]

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.style import new_grid

        runs = list(table.groupby(["schedule", "lr", "horizon"], sort=False))
        columns = min(COLUMNS, len(runs))
        rows = -(-len(runs) // columns)
        size = (WIDTH, 0.6 + PANEL_HEIGHT * rows)
        figure, grid = new_grid(self, rows, columns, size)
        panels = [axes for row in grid for axes in row]
        for axes, (key, of_run) in zip(panels, runs, strict=False):
            schedule, lr, _ = key
            name = look.get("labels", {}).get(schedule) or str(schedule).replace("_", " ")
            self._panel(axes, of_run, f"{name}, γ={lr:g}")
        for axes in panels[len(runs) :]:
            axes.remove()
        for axes in panels[: len(runs) - columns]:
            axes.set_xlabel("")
        for row in grid:
            row[0].set_ylabel("validation loss")
        entries = [legend_line("trained", MEASURED), legend_line("predicted", PREDICTED)]
        entries += [
            legend_line(law.replace("_", " "), color, dashes)
            for law, (color, dashes) in zip(self.compared, OTHERS, strict=False)
        ]
        place_legend(figure, entries)
        return figure

    def _panel(self, axes: Axes, rows: pd.DataFrame, title: str) -> None:
        from scheduled.figures.kit.axes import limits, step_axis

        chosen = rows[rows["law"] == "chosen"]
        step = chosen["step"]
        axes.fill_between(step, chosen["low"], chosen["high"], color=PREDICTED, alpha=0.2, lw=0)
        for law, (color, dashes) in zip(self.compared, OTHERS, strict=False):
            of_law = rows[rows["law"] == law]
            axes.plot(of_law["step"], of_law["predicted"], color=color, ls=dashes, lw=0.9)
        axes.plot(chosen["step"], chosen["loss"], color=MEASURED, lw=1.8)
        axes.plot(chosen["step"], chosen["predicted"], color=PREDICTED, lw=0.9)
        axes.set_title(title, fontsize=7.5)
        step_axis(axes, int(step.max()))
        axes.set_xlim(step.min() - 0.03 * (step.max() - step.min()), None)
        axes.set_ylim(*limits([*rows["loss"], *rows["predicted"], *chosen["low"], *chosen["high"]]))


EXAMPLE: dict[str, Any] = {
    "groups": {
        "example": {
            "vary": ["iterations"],
            "series": {"wsd": {"label": "WSD", "select": {"schedule": "wsd"}}},
        }
    },
    "analyses": {
        "example": {
            "kind": "prediction_scores",
            "group": "example",
            "file": "example",
            "sha256": "b84442709a027b4ee20ff4869680e653ecee7e69bdc8712095a21f10658f8b73",
        }
    },
    "figures": {
        "example": {
            "kind": "predicted_curves",
            "analysis": "example",
            "compared": ["tissue"],
        }
    },
}
