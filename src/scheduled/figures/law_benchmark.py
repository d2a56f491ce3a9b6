"""How far laws of loss curves are from the runs that they predict: means over runs and models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

from scheduled.core import promise
from scheduled.figures.base import AnalysisFigure
from scheduled.figures.kit.tables import OK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MEASURES = ("mae", "rmse", "r2", "relative", "mae_new", "last")
ALL = "mean"
"""What the column model says of means over models."""
PANELS = {
    "mae": "mean error",
    "mae_new": "mean error, new part only",
    "last": "error at the last point",
}


class LawBenchmark(AnalysisFigure):
    """Errors of laws of loss curves on the runs that they predict, one dot per model."""

    kind: Literal["law_benchmark"]

    analyses: ClassVar[str] = "law_fit"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("scores", "fits")}
    promises: ClassVar[tuple[promise.Cells, ...]] = (
        promise.Cells((*MEASURES, "worst"), promise.LAW_FIT),
    )

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """Means over the runs of each model, and over models.

        Returns
        -------
        DataFrame
            Columns law, model (``mean``: over the models), runs (predicted), fitted (number of
            fitted parameters, the most of any model; 0 where all are given), mae, rmse, r2,
            relative, mae_new, last (means) and worst (the largest).
        """
        scores, fits = tables["scores"], tables["fits"]
        scores = scores[scores["status"] == OK]
        # A name such as 190M is a text, one such as 25 is read as a number.
        scores = scores.assign(model=scores["model"].astype(str))
        groups = scores.groupby(["law", "model"], sort=False)
        table = groups[list(MEASURES)].mean()
        table["worst"], table["runs"] = groups["worst"].max(), groups.size()
        table = table.reset_index()
        over = table.groupby("law", sort=False)
        means = over[list(MEASURES)].mean()
        means["worst"], means["runs"] = over["worst"].max(), over["runs"].sum()
        table = pd.concat([table, means.reset_index().assign(model=ALL)], ignore_index=True)
        fitted = fits.groupby("law")["fitted"].max().fillna(0).astype("int64")
        table["fitted"] = table["law"].map(fitted)
        return table[["law", "model", "runs", "fitted", *MEASURES, "worst"]]

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.style import DOUBLE, new_grid

        means = table[table["model"] == ALL].sort_values("mae_new", ascending=False)
        laws = means["law"].tolist()
        size = (DOUBLE[0], 2.0 + 0.2 * len(laws))
        figure, (panels,) = new_grid(self, 1, len(PANELS), size)
        for axes, (measure, title) in zip(panels, PANELS.items(), strict=True):
            _draw_panel(axes, table, laws, measure)
            axes.set_title(title)
            axes.set_xlabel("error in the loss")
        for axes in panels:
            axes.set_yticks(range(len(laws)))
            axes.set_yticklabels([])
        numbers = means["fitted"].tolist()
        labels = [f"{law} ({number})" for law, number in zip(laws, numbers, strict=True)]
        panels[0].set_yticklabels(labels)
        panels[0].set_ylabel("law")
        place_legend(
            figure,
            [
                legend_line("a model", "#0072B2", "none", "o"),
                legend_line("mean over models", "#D55E00", "none", "D"),
                legend_line("(in brackets: fitted parameters)", "none", "none"),
            ],
        )
        return figure


def _draw_panel(axes: Axes, table: pd.DataFrame, laws: list[str], measure: str) -> None:
    from matplotlib.ticker import LogLocator

    from scheduled.figures.kit.axes import plain_log_axis

    known = table[table[measure] > 0]
    for marker, color, chosen in (
        ("o", "#0072B2", known["model"] != ALL),
        ("D", "#D55E00", known["model"] == ALL),
    ):
        rows = known[chosen]
        axes.plot(
            rows[measure], [laws.index(law) for law in rows["law"]], color=color, ls="none",
            marker=marker, ms=4 if marker == "o" else 5, mec="white", mew=0.5,
        )  # fmt: skip
    low, high = known[measure].min(), known[measure].max()
    axes.set(xscale="log", xlim=(low / 1.3, high * 1.3), ylim=(-0.7, len(laws) - 0.3))
    plain_log_axis(axes.xaxis)
    if high > 20 * low:
        # Three panels side by side have room for two labels a decade.
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))


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
    "figures": {"example": {"kind": "law_benchmark", "analysis": "example"}},
}
