"""Loss of runs against their bound, and how far their agreement depends on the LR scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from scheduled.core import promise
from scheduled.core.rounding import tie_groups
from scheduled.figures.base import AnalysisFigure
from scheduled.figures.kit.tables import OK, line_columns

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE = 4.0
"""Bounds further apart than this factor are on a logarithmic axis."""
MARKS = {"matched": "#D55E00", "given": "#0072B2"}
"""Colours of the scales that are marked; ratios are to the first of those there are."""


class RankAgreement(AnalysisFigure):
    """Loss against the bound, run by run (left), and Kendall's τ for other LR scales (right)."""

    kind: Literal["rank_agreement"]

    analyses: ClassVar[str] = "rank_agreement"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("runs", "agreement")}
    promises: ClassVar[tuple[promise.Cells, ...]] = (
        promise.Cells(("y",), promise.EXACT, ("panel", "runs"), averaged=True),
        promise.Cells(("x", "ratio", "y"), promise.DIRECT),
    )

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """Loss and bound of every run, and Kendall's τ over the scale of the learning rates.

        Returns
        -------
        DataFrame
            Columns panel (``runs`` or ``scan``), mark (``scan``, ``matched`` or ``given``; empty
            for runs), schedule (the series), horizon, value (if one varies), x (the bound, or κ),
            ratio (κ over the matched one or, without it, the given one) and y (the loss, or τ),
            sorted by κ. Runs without a bound are left out, as are scales without a τ.
        """
        runs = tables["runs"].rename(columns={"series": "schedule", "bound": "x", "loss": "y"})
        keys = line_columns(runs)
        agreement = tables["agreement"]
        scan = agreement[agreement["status"] == OK].rename(columns={"lr_scale": "x", "tau": "y"})
        # The middle of the scan is the matched κ but for rounding, which is not to order the two.
        scan = scan.iloc[np.argsort(tie_groups(scan["x"]), kind="stable")]
        for mark in reversed(MARKS):
            if (reference := scan.loc[scan["mark"] == mark, "x"]).size:
                scan = scan.assign(ratio=scan["x"] / reference.iloc[0])
        parts = [
            runs.dropna(subset=["x", "y"]).assign(panel="runs", mark=""),
            scan.assign(panel="scan", schedule=""),
        ]
        table = pd.concat(parts, ignore_index=True)
        return table.reindex(columns=["panel", "mark", *keys, "x", "ratio", "y"])

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import LOSS_LABELS, plain_log_axis, say
        from scheduled.figures.kit.lines import explain_lines, lines
        from scheduled.figures.kit.style import new_figure

        figure, (left, right) = new_figure(self, panels=2)
        runs = table[table["panel"] == "runs"].dropna(axis="columns", how="all")
        scan = table[table["panel"] == "scan"]
        if runs.empty or scan.empty:
            say(left, "no run has a bound, or no scale of the learning rates is known")
            return figure
        # Beside rows without a horizon, whole numbers are read as others.
        runs = runs.astype({"horizon": "int64"})
        left.set_xlabel(f"last-iterate bound $\\Omega_T$ at D = {look['D']:g}, G = {look['G']:g}")
        left.set_ylabel(LOSS_LABELS[look["loss"]])
        for line in lines(runs, look["labels"]):
            left.plot(
                line.rows["x"], line.rows["y"], color=line.color, ls="none", marker="o", ms=4.5
            )
        if runs["x"].max() > WIDE * runs["x"].min():
            left.set_xscale("log")
            left.set_xlim(runs["x"].min() / 1.15, runs["x"].max() * 1.15)
            plain_log_axis(left.xaxis)
        shown = "matched" if look["lr_scale"] == "matched" else "given"
        at = scan[scan["mark"] == shown].iloc[0]
        left.set_title(f"$\\tau$ = {at['y']:.2f} at κ = {at['x']:.3g} ({shown})")
        marks = _draw_scan(right, scan)
        explain_lines(figure, [left, right], runs, look, extra=marks)
        return figure


def _draw_scan(axes: Axes, scan: pd.DataFrame) -> list[Any]:
    from scheduled.figures.kit.axes import plain_log_axis
    from scheduled.figures.kit.legends import legend_line

    marked = [mark for mark in MARKS if (scan["mark"] == mark).any()]
    curve = scan[scan["mark"] == "scan"]
    axes.plot(curve["ratio"], curve["y"], color="#444444", marker="o", ms=2.5, lw=1)
    handles = []
    for mark in marked:
        row = scan[scan["mark"] == mark]
        axes.plot(
            row["ratio"], row["y"], color=MARKS[mark], ls="none", marker="D", ms=6,
            mec="white", zorder=3,
        )  # fmt: skip
        handles.append(legend_line(f"{mark} κ", MARKS[mark], "none", "D"))
    axes.set(xscale="log", xlabel=f"LR scale κ / {marked[0]} κ", ylabel="Kendall's $\\tau$")
    axes.set_ylim(min(-0.05, 1.1 * scan["y"].min()), 1.05)
    axes.axhline(0, color="#444444", lw=0.7)
    plain_log_axis(axes.xaxis)
    return handles


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
    "analyses": {"example": {"kind": "rank_agreement", "group": "example"}},
    "figures": {"example": {"kind": "rank_agreement", "analysis": "example"}},
}
