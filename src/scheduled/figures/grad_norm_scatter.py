"""Gradient norm against γΣη, the sum of all learning rates so far; colour shows the time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import pandas as pd
from pydantic import Field

from scheduled.core import promise
from scheduled.figures.base import GroupFigure
from scheduled.figures.kit.tables import rolling_mean, run_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from scheduled.runs.group import RunGroup

FIRST = 0.01
"""Fraction of a run that is left out at its start: the first gradients are far larger."""


class GradNormScatter(GroupFigure):
    """Gradient norm against γΣη, the sum of all learning rates so far; colour shows the time."""

    kind: Literal["grad_norm_scatter"]
    window: Annotated[int, Field(ge=1, le=10_000)] = 20
    """Number of logs in the moving average of gradient norms, up to and including each."""
    y_scale: Literal["linear", "log"] = "linear"
    """Scale of the gradient norms."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"group": ("runs", "metadata")}
    promises: ClassVar[tuple[promise.Cells, ...]] = (
        promise.Cells(("travelled", "grad_norm", "time"), promise.DIRECT),
    )

    def group_why_not(self, group: RunGroup) -> str:
        if len(group.series) > 2:
            return (
                f"it has the series {sorted(group.series)}, and there are two sides: "
                "the first goes to the right, the second to the left"
            )
        return ""

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The gradient norms of every run, with the learning rates summed up to each.

        Returns
        -------
        DataFrame
            Columns schedule (the series), horizon, value (if a field beside the horizon varies),
            run, step, time (step over horizon), travelled (γ·Ση over the steps so far: learning
            rates between two logs are taken as linear, before the first log as rising from 0),
            grad_norm.
        """
        about = run_lines(tables["metadata"], look["vary"])
        rows = tables["runs"][["run", "step", "learning_rate", "grad_norm"]].dropna()
        groups = rows.groupby("run", sort=False)
        before = groups[["step", "learning_rate"]].shift(fill_value=0)
        area = (
            (rows["step"] - before["step"]) * (rows["learning_rate"] + before["learning_rate"]) / 2
        )
        rows = rows.assign(
            travelled=area.groupby(rows["run"], sort=False).cumsum(),
            grad_norm=rolling_mean(rows, "grad_norm", self.window),
        )
        rows = rows.merge(about, on="run", how="inner", validate="many_to_one")
        rows = rows[rows["step"] >= FIRST * rows["horizon"]].assign(
            time=rows["step"] / rows["horizon"]
        )
        columns = ["schedule", "horizon", "value", "run", "step", "time", "travelled", "grad_norm"]
        return rows.filter(columns)

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        import seaborn as sns
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Normalize
        from matplotlib.ticker import FuncFormatter

        from scheduled.figures.kit.axes import plain_log_axis
        from scheduled.figures.kit.lines import VALUE_COLORS
        from scheduled.figures.kit.style import DOUBLE, new_grid, small

        figure, ((axes,),) = new_grid(self, 1, 1, (DOUBLE[0], 3.2))
        names = [name for name in look["labels"] if (table["schedule"] == name).any()]
        for side, name in zip((1, -1), names, strict=False):
            rows = table["schedule"] == name
            sns.scatterplot(
                x=side * table["travelled"][rows], y=table["grad_norm"][rows],
                hue=table["time"][rows], palette=VALUE_COLORS, hue_norm=(0, 1), ax=axes,
                s=5, lw=0, rasterized=True, legend=False,
            )  # fmt: skip
            axes.text(
                0.5 + 0.49 * side if len(names) > 1 else 0.99, 0.98, look["labels"][name],
                transform=axes.transAxes, va="top", ha="right" if side > 0 else "left",
                color="#222222",
            )  # fmt: skip
            for value, run in table[rows].groupby("value") if "value" in table else ():
                end = run.loc[run["step"].idxmax()]
                text = f"{look['vary_label']} = {value:g}"
                axes.annotate(
                    text, (side * end["travelled"], end["grad_norm"]),
                    (4 * side, 0), textcoords="offset points", va="center",
                    ha="left" if side > 0 else "right", fontsize=small(), color="#444444",
                    bbox={"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.7},
                )  # fmt: skip
        axes.margins(x=0.12)  # for the labels at the ends
        axes.set(xlabel="sum of learning rates γ·Ση", ylabel="gradient norm", yscale=self.y_scale)
        if self.y_scale == "log":
            plain_log_axis(axes.yaxis)
        if len(names) > 1:
            axes.axvline(0, color="#444444", lw=0.7)
            axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{abs(x):g}"))
        bar = figure.colorbar(ScalarMappable(Normalize(0, 1), VALUE_COLORS), ax=axes, pad=0.02)
        bar.set_label("time t/T")
        bar.outline.set_visible(False)
        return figure


EXAMPLE: dict[str, Any] = {
    "groups": {
        "example": {
            "vary": ["lr"],
            "series": {
                "wsd": {"label": "WSD", "select": {"schedule": "wsd", "lr": [1e-4, 3e-3]}},
                "cosine": {"label": "Cosine", "select": {"schedule": "cosine", "lr": [1e-4, 3e-3]}},
            },
        }
    },
    "figures": {"example": {"kind": "grad_norm_scatter", "group": "example", "window": 2}},
}
