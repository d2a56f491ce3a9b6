"""Loss of runs against their bound, and how far their agreement depends on the LR scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from scheduled.core import promise
from scheduled.core.rounding import ROUNDING, tie_groups
from scheduled.figures.base import AnalysisFigure
from scheduled.figures.kit.tables import OK, line_columns

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from scheduled.figures.kit.lines import Line

MOST_LABELLED = 8
"""Runs that are labelled one by one."""
PLACES = ((0.0, 1.15), (-2.4, 0.0), (0.0, -1.15), (2.4, 0.0))
"""Where a label may stand beside its point, in its size: the first place that covers nothing."""
LETTER = (0.66, 1.3)
"""Width and height that a letter of a label takes, in its size."""
FEWEST = 4
"""An interval of τ needs more runs than this."""
WIDE = 4.0
"""Bounds further apart than this factor are on a logarithmic axis."""
MARKS = {"matched": "#D55E00", "given": "#0072B2"}
"""Colours of the scales that are marked; ratios are to the first of those there are."""
MARK_WORDS = {
    "matched": "matched κ: theory and runs have the same best γ",
    "given": "given κ",
}


class RankAgreement(AnalysisFigure):
    """Loss against the bound, run by run (left), and Kendall's τ for other LR scales (right)."""

    kind: Literal["rank_agreement"]

    analyses: ClassVar[str] = "rank_agreement"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("runs", "agreement")}
    x_and_y: ClassVar[tuple[str, str]] = ("x", "y")
    promises: ClassVar[tuple[promise.Cells, ...]] = (
        promise.Cells(("y",), promise.EXACT, ("panel", "runs"), averaged=True),
        promise.Cells(("x", "ratio", "y", "low", "high"), promise.DIRECT),
    )

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """Loss and bound of every run, and Kendall's τ over the scale of the learning rates.

        Returns
        -------
        DataFrame
            Columns panel (``runs`` or ``scan``), mark (``scan``, ``matched`` or ``given``; empty
            for runs), schedule (the series), horizon, value (if one varies), x (the bound, or κ),
            ratio (κ over the matched one or, without it, the given one), y (the loss, or τ), and
            of τ runs (how many) and its 95 % interval low and high, sorted by κ. Runs without a
            bound are left out, as are scales without a τ.
        """
        runs = tables["runs"].rename(columns={"series": "schedule", "bound": "x", "loss": "y"})
        keys = line_columns(runs)
        agreement = tables["agreement"]
        scan = agreement[agreement["status"] == OK].rename(columns={"lr_scale": "x", "tau": "y"})
        # The middle of the scan is the matched κ but for rounding, which is not to order the two.
        scan = scan.iloc[np.argsort(tie_groups(scan["x"]), kind="stable")]
        scan = scan.assign(**_interval(scan["y"], scan["runs"]))
        for mark in reversed(MARKS):
            if (reference := scan.loc[scan["mark"] == mark, "x"]).size:
                scan = scan.assign(ratio=scan["x"] / reference.iloc[0])
        parts = [
            runs.dropna(subset=["x", "y"]).assign(panel="runs", mark=""),
            scan.assign(panel="scan", schedule=""),
        ]
        table = pd.concat(parts, ignore_index=True)
        return table.reindex(
            columns=["panel", "mark", *keys, "x", "ratio", "y", "runs", "low", "high"]
        )

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import LOSS_LABELS, plain_log_axis, say
        from scheduled.figures.kit.legends import legend_line
        from scheduled.figures.kit.lines import explain_lines, lines, seeds_told
        from scheduled.figures.kit.style import new_figure, schedule_markers

        figure, (left, right) = new_figure(self, panels=2)
        runs = table[table["panel"] == "runs"].dropna(axis="columns", how="all")
        scan = table[table["panel"] == "scan"]
        if runs.empty or scan.empty:
            say(left, "no run has a bound, or no scale of the learning rates is known")
            return figure
        # Beside rows without a horizon, whole numbers are read as others.
        runs = runs.astype({"horizon": "int64"})
        left.set_xlabel(f"last-iterate bound $\\Omega_T$ at D = {look['D']:g}, G = {look['G']:g}")
        seeds = f"\n(mean of {n} seeds)" if (n := seeds_told(look)) else ""
        left.set_ylabel(f"{LOSS_LABELS[look['loss']]}{seeds}")
        markers, few = schedule_markers(list(look["labels"])), len(runs) <= MOST_LABELLED
        for line in lines(runs, look):
            marker = markers[line.schedule]
            left.plot(
                line.rows["x"], line.rows["y"], color=line.color, ls="none", marker=marker, ms=4
            )
        left.margins(0.2, 0.16)
        left.locator_params(axis="x", nbins=5)
        if runs["x"].max() > WIDE * runs["x"].min():
            left.set_xscale("log")
            left.set_xlim(runs["x"].min() / 1.15, runs["x"].max() * 1.15)
            plain_log_axis(left.xaxis)
        if few:
            _label(left, [line for line in lines(runs, look) if len(line.rows)])
        shown = "matched" if look["lr_scale"] == "matched" else "given"
        at = scan[scan["mark"] == shown].iloc[0]
        interval = "" if pd.isna(at["low"]) else f" [{at['low']:.2f}, {at['high']:.2f}]"
        left.set_title(
            f"τ = {at['y']:.2f}{interval}, n = {len(runs)} runs, {shown} κ".replace("-", "−")
        )
        marks = _draw_scan(right, scan)
        if few:
            what = look["vary_label"] if "value" in runs else "horizon T"
            marks.append(legend_line(f"numbers: {what}", "none"))
        shown_runs = runs.assign(horizon=0) if few and "value" not in runs else runs
        explain_lines(figure, [left, right], shown_runs, look, extra=marks, points=True)
        return figure


def _label(axes: Axes, shown: Sequence[Line]) -> None:
    """Write the horizon or the value beside every point, where it covers no point and no label."""
    from scheduled.figures.kit.style import small

    figure = axes.get_figure(root=True)
    assert figure is not None
    axes.autoscale_view()  # matplotlib does it when it draws, and the places are needed now
    per_pixel = 72 / figure.dpi
    points = [
        (_short(line.member), x, y, *axes.transData.transform((x, y)) * per_pixel)
        for line in shown
        for x, y in zip(line.rows["x"], line.rows["y"], strict=True)
    ]
    taken = [(across, up, 0.8 * small(), 0.8 * small()) for *_, across, up in points]

    def covered(box: tuple[float, float, float, float]) -> int:
        return sum(
            abs(box[0] - x) < (box[2] + width) / 2 and abs(box[1] - y) < (box[3] + height) / 2
            for x, y, width, height in taken
        )

    for text, x, y, across, up in points:
        size = (len(text) * LETTER[0] * small(), LETTER[1] * small())
        boxes = {
            (right, over): (across + right, up + over, *size)
            for right, over in small() * np.array(PLACES)
        }
        place = min(boxes, key=lambda one: covered(boxes[one]))
        taken.append(boxes[place])
        axes.annotate(
            text, (x, y), place, textcoords="offset points", ha="center", va="center",
            fontsize=small(), color="#444444",
        )  # fmt: skip


def _short(member: float) -> str:
    """A horizon or a value, short enough to stand beside a point."""
    return f"{member / 1000:.3g}k" if member >= 1000 else f"{member:.3g}"


def _interval(tau: pd.Series, runs: pd.Series) -> dict[str, Any]:
    """The 95 % interval of Kendall's τ by Fisher's transformation (Bonett and Wright 2000)."""
    several = runs.where((runs > FEWEST) & (tau.abs() < 1 - ROUNDING))
    with np.errstate(divide="ignore"):
        z, half = np.arctanh(tau), 1.96 * np.sqrt(0.437 / (several - 4))
    return {"low": np.tanh(z - half), "high": np.tanh(z + half)}


def _draw_scan(axes: Axes, scan: pd.DataFrame) -> list[Any]:
    from matplotlib.patches import Patch

    from scheduled.figures.kit.axes import plain_log_axis
    from scheduled.figures.kit.legends import legend_line

    marked = [mark for mark in MARKS if (scan["mark"] == mark).any()]
    curve = scan[scan["mark"] == "scan"]
    axes.fill_between(
        curve["ratio"], curve["low"], curve["high"], color="#444444", alpha=0.15, lw=0
    )
    axes.plot(curve["ratio"], curve["y"], color="#444444", marker="o", ms=2, lw=1)
    handles = []
    for mark in marked:
        row = scan[scan["mark"] == mark]
        axes.plot(
            row["ratio"], row["y"], color=MARKS[mark], ls="none", marker="D", ms=4.5,
            mec="white", zorder=3,
        )  # fmt: skip
        handles.append(legend_line(MARK_WORDS[mark], MARKS[mark], "none", "D"))
    axes.set(
        xscale="log",
        xlabel=f"κ relative to the {marked[0]} one\n(κ: LR in theory over logged LR)",
        ylabel="Kendall's $\\tau$",
    )
    axes.set_ylim(min(-0.05, *(1.1 * scan[["y", "low"]].min())), 1.05)
    axes.axhline(0, color="#444444", lw=0.7)
    plain_log_axis(axes.xaxis)
    if curve["low"].isna().all():
        return handles
    certain = " (none at 1)" if curve["low"].isna().any() else ""
    band = Patch(color="#444444", alpha=0.25, lw=0, label=f"95 % interval of τ{certain}")
    return [*handles, band]


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
