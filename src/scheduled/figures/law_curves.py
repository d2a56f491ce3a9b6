"""Loss curves of one model as laws predict them, and by how much they are off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from scheduled.core import promise
from scheduled.core.model import EachOnce, Name
from scheduled.figures.base import AnalysisFigure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_POINTS = 120
"""Points of a run that are shown, at most: every n-th, and the last."""
COLORS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7")


class LawCurves(AnalysisFigure):
    """Losses of the predicted runs of a model, beside what laws predict, and the errors."""

    kind: Literal["law_curves"]
    laws: Annotated[list[Name], Field(min_length=1, max_length=len(COLORS)), EachOnce]
    """Laws of the analysis; the first one's predictions are drawn beside the losses."""
    model: str = "all"
    """Model to show."""

    analyses: ClassVar[str] = "law_fit"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("curves",)}
    x_and_y: ClassVar[tuple[str, str]] = ("step", "loss")
    promises: ClassVar[tuple[promise.Cells, ...]] = (
        promise.Cells(("loss",), promise.EXACT, averaged=True),
        promise.Cells(("predicted",), promise.LAW_FIT),
    )

    def analysis_why_not(self, analysis: Any) -> str:
        if analysis.kind == self.analyses:
            unknown = [law for law in self.laws if law not in analysis.laws]
            if unknown:
                return f"it has no laws {unknown}, only {', '.join(analysis.laws)}"
        return super().analysis_why_not(analysis)

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """Losses and predictions of the predicted runs.

        Errors are not among them. Of published runs what is computed is stored, losses are not: a
        prediction and its error would tell them.

        Returns
        -------
        DataFrame
            Columns law, schedule (the series), horizon, lr, step, loss, predicted.

        Raises
        ------
        ValueError
            If the analysis has no such model.
        """
        curves = tables["curves"]
        models = curves["model"].astype(str)
        if self.model not in set(models):
            raise ValueError(f"model={self.model!r}: there are {', '.join(sorted(set(models)))}")
        rows = curves[
            (models == self.model) & (curves["part"] == "test") & curves["law"].isin(self.laws)
        ]
        rows = rows.rename(columns={"series": "schedule"})
        runs = rows.groupby(["law", "schedule", "horizon", "lr"], sort=False)
        every = (runs["step"].transform("size") / MOST_POINTS).apply(np.ceil)
        # Counted from the end, so that the last point is there.
        kept = runs.cumcount(ascending=False) % every == 0
        columns = ["law", "schedule", "horizon", "lr", "step", "loss", "predicted"]
        return rows.loc[kept, columns].reset_index(drop=True)

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import limits, step_axis
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.style import new_figure

        figure, (left, right) = new_figure(self, panels=2)
        table = table.assign(error=table["predicted"] - table["loss"])
        first = table[table["law"] == self.laws[0]]
        for _, run in first.groupby(["schedule", "horizon", "lr"], sort=False):
            left.plot(run["step"], run["loss"], color="#8c8c8c", lw=2.2)
            left.plot(run["step"], run["predicted"], color=COLORS[0], lw=0.8)
        for law, color in zip(self.laws, COLORS, strict=False):
            of_law = table[table["law"] == law]
            for _, run in of_law.groupby(["schedule", "horizon", "lr"], sort=False):
                right.plot(run["step"], run["error"], color=color, lw=0.8, alpha=0.8)
        for axes in (left, right):
            step_axis(axes, int(table["step"].max()))
        right.axhline(0, color="#444444", lw=0.7)
        late = first[first["step"] >= 0.15 * first["step"].max()]
        left.set_ylim(*limits([*late["loss"], *late["predicted"]]))
        later = table[table["step"] >= 0.05 * table["step"].max()]
        right.set_ylim(*limits(later["error"]))
        left.set_ylabel(
            look["loss"]
            .replace("val_loss", "validation loss")
            .replace("train_loss", "training loss")
        )
        right.set_ylabel("predicted − measured loss")
        place_legend(
            figure,
            [
                legend_line("measured", "#8c8c8c"),
                *(
                    legend_line(f"{law.replace('_', ' ')}", color)
                    for law, color in zip(self.laws, COLORS, strict=False)
                ),
            ],
        )
        return figure


EXAMPLE: dict[str, Any] = {
    "groups": {
        "example": {
            "vary": ["iterations"],
            "series": {
                "wsd": {"label": "WSD", "select": {"schedule": "wsd"}},
                "cosine": {"label": "Cosine", "select": {"schedule": "cosine"}},
            },
        }
    },
    "analyses": {
        "example": {
            "kind": "law_fit",
            "group": "example",
            "laws": {"tissue": {"law": "tissue"}, "omega": {"law": "omega"}},
            "fit": {"series": ["wsd"], "horizons": "shortest"},
        }
    },
    "figures": {
        "example": {
            "kind": "law_curves",
            "analysis": "example",
            "laws": ["tissue", "omega"],
        }
    },
}
