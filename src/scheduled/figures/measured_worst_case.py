"""Ω_t over the exact worst case with measured norms (left), and how both rank the runs (right)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

from scheduled.core import promise
from scheduled.figures.base import AnalysisFigure
from scheduled.figures.kit.tables import OK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BOUNDS = {
    "omega": ("bound $\\Omega_T$", "#0072B2", "o"),
    "exact": ("exact worst case", "#D55E00", "x"),
}
NORMS = {"constant": "constant", "measured": "measured"}


class MeasuredWorstCase(AnalysisFigure):
    """Ω_t over the exact worst case with measured norms, and Kendall's τ of both."""

    kind: Literal["measured_worst_case"]

    analyses: ClassVar[str] = "measured_worst_case"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("curves", "agreement")}
    promises: ClassVar[tuple[promise.Cells, ...]] = (promise.Cells(("y",), promise.DIRECT),)

    def runs_why_not(self, fields: list[str]) -> str:
        if fields not in ([], ["iterations"]):
            return f"its runs vary {fields} beside lr, and lines can show none of them"
        return ""

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The ratio over the iterates of every run, and four values of Kendall's τ.

        Returns
        -------
        DataFrame
            Columns panel (``ratio`` or ``tau``), schedule (the series; for τ ``omega`` or
            ``exact``), norms (of τ), lr, step and y.
        """
        curves, agreement = tables["curves"], tables["agreement"]
        ratio = curves.rename(columns={"series": "schedule"}).assign(
            panel="ratio", norms="", y=curves["omega"] / curves["exact"]
        )
        known = agreement[agreement["status"] == OK].rename(columns={"bound": "schedule"})
        known = known.assign(panel="tau", y=known["tau"])
        table = pd.concat([ratio, known], ignore_index=True)
        return table.reindex(columns=["panel", "schedule", "norms", "lr", "step", "y"])

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import number, say, step_axis
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.lines import value_color
        from scheduled.figures.kit.style import new_figure, schedule_styles

        figure, (left, right) = new_figure(self, panels=2)
        curves, taus = table[table["panel"] == "ratio"], table[table["panel"] == "tau"]
        if curves.empty:
            say(left, "no runs have logged gradient norms")
            return figure
        if taus.empty:
            say(right, "no losses rank the runs")
            return figure
        names = [name for name in look["labels"] if (curves["schedule"] == name).any()]
        styles, lrs = schedule_styles(names), sorted(curves["lr"].unique())
        markers = dict(zip(names, "os^Dv", strict=False))
        for name in names:
            for lr in lrs:
                rows = curves[(curves["schedule"] == name) & (curves["lr"] == lr)]
                look_of = {"ls": styles[name][1], "marker": markers[name], "ms": 3}
                left.plot(rows["step"], rows["y"], color=value_color(lr, lrs, "lr"), **look_of)
        step_axis(left, int(curves["step"].max()))
        left.set(ylabel="$\\Omega_t$ / exact worst case", ylim=(0.95, None))
        left.axhline(1, color="#444444", lw=0.7)
        for bound, (_, color, marker) in BOUNDS.items():
            of = taus[taus["schedule"] == bound].set_index("norms")["y"].reindex(list(NORMS))
            right.plot(range(len(NORMS)), of, color=color, ls="none", marker=marker, ms=5)
        right.set_xticks(range(len(NORMS)), list(NORMS.values()))
        right.set(xlabel="gradient norms", ylabel="Kendall's $\\tau$", xlim=(-0.5, 1.5))
        right.set_ylim(min(-0.05, 1.1 * taus["y"].min()), 1.05)
        right.axhline(0, color="#444444", lw=0.7)
        place_legend(
            figure,
            [legend_line(f"γ = {number(lr)}", value_color(lr, lrs, "lr")) for lr in lrs],
            [legend_line(look["labels"][n], "#444444", styles[n][1], markers[n]) for n in names],
            [legend_line(label, color, "none", m) for label, color, m in BOUNDS.values()],
        )
        return figure


EXAMPLE: dict[str, Any] = {
    "groups": {
        "example": {
            "vary": ["lr"],
            "series": {
                "wsd": {"label": "WSD", "select": {"schedule": "wsd", "lr": [1e-4, 1e-3, 3e-3]}},
                "cosine": {
                    "label": "Cosine",
                    "select": {"schedule": "cosine", "lr": [1e-4, 1e-3, 3e-3]},
                },
            },
        }
    },
    "analyses": {"example": {"kind": "measured_worst_case", "group": "example", "curve_points": 4}},
    "figures": {"example": {"kind": "measured_worst_case", "analysis": "example"}},
}
