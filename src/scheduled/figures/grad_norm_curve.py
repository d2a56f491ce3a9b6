"""Gradient norm of runs over their steps, and the curve fitted to it, one panel per series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

from scheduled.core import promise
from scheduled.figures.base import LineFigure
from scheduled.figures.kit.tables import as_lines, line_columns

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOOKS: dict[str, dict[str, Any]] = {
    "alone": {"lw": 1.5, "ls": "solid"},
    "fitted": {"lw": 0.8, "ls": (0, (4, 1.5)), "color": "#5C5C5C"},
}
NAMES = {"measured": "measured", "fitted": "one fit to all", "alone": "fit to each run alone"}


class GradNormCurve(LineFigure):
    """Gradient norm over time, with the fitted curve."""

    kind: Literal["grad_norm_curve"]

    analyses: ClassVar[str] = "grad_norm_curve"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("points", "fits")}
    x_and_y: ClassVar[tuple[str, str]] = ("step", "grad_norm")
    promises: ClassVar[tuple[promise.Cells, ...]] = (
        promise.Cells(("grad_norm",), promise.EXACT, ("line", "measured"), averaged=True),
        promise.Cells(("grad_norm",), promise.CURVE_FIT),
    )

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The gradient norms over time, and the curves fitted to all runs and to each alone.

        Returns
        -------
        DataFrame
            Columns schedule (the series), horizon, value (if one varies), lr, line (``measured``,
            ``fitted``, ``alone``), step, grad_norm. Fits that failed have no rows.
        """
        points = as_lines(tables["points"])
        keys = [*line_columns(points), "lr"]
        names = {"grad_norm": "measured", "fitted": "fitted", "fitted_alone": "alone"}
        long = points.melt([*keys, "step"], list(names), var_name="line", value_name="norm")
        long["line"] = long["line"].map(names)
        long = long.dropna(subset=["norm"]).rename(columns={"norm": "grad_norm"})
        order = pd.Categorical(long["line"], list(names.values()), ordered=True)
        long = long.assign(order=order).sort_values([*keys, "order", "step"], ignore_index=True)
        return long[[*keys, "line", "step", "grad_norm"]]

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import number, plain_log_axis, say
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.lines import value_color
        from scheduled.figures.kit.style import new_figure

        key = "value" if "value" in table else "horizon"
        panels = [
            (name, member)
            for name in look["labels"]
            for member in sorted(table.loc[table["schedule"] == name, key].unique())
        ]
        figure, all_axes = new_figure(self, panels=max(len(panels), 1), share="row")
        if table.empty:
            say(all_axes[0], "no run has logged gradient norms")
            return figure
        lrs = sorted(table["lr"].unique())
        low, high = table["grad_norm"].min() / 1.1, table["grad_norm"].max() * 1.1
        for axes, (name, member) in zip(all_axes, panels, strict=True):
            rows = table[(table["schedule"] == name) & (table[key] == member)]
            _draw_panel(axes, rows, lrs)
            axes.set(yscale="log", ylim=(low, high), ylabel="gradient norm")
            plain_log_axis(axes.yaxis)
            title = look["labels"][name]
            if table.loc[table["schedule"] == name, key].nunique() > 1:
                letter = look["vary_label"] if key == "value" else "T"
                title += f", {letter} = {member:,}"
            axes.set_title(title)
        for axes in all_axes[1:]:
            axes.set_ylabel("")
        colors = [legend_line(f"γ = {number(lr)}", value_color(lr, lrs, "lr")) for lr in lrs]
        kinds = [legend_line(NAMES["measured"], "#222222")] + [
            legend_line(NAMES[line], LOOKS[line].get("color", "#222222"), LOOKS[line]["ls"])
            for line in LOOKS
            if (table["line"] == line).any()
        ]
        kinds[0].set_linewidth(0.5)
        place_legend(figure, colors, kinds)
        return figure


def _draw_panel(axes: Axes, rows: pd.DataFrame, lrs: list[float]) -> None:
    from scheduled.figures.kit.axes import step_axis
    from scheduled.figures.kit.lines import value_color
    from scheduled.figures.kit.style import shade

    for line in ("measured", "fitted", "alone"):
        for lr in lrs:
            own = rows[(rows["lr"] == lr) & (rows["line"] == line)]
            if len(own):
                color = value_color(lr, lrs, "lr")
                # What was measured is light and thin, behind the curves.
                shown = shade(color, 0, 2) if line == "measured" else color
                style = {"lw": 0.5, "ls": "solid", "color": shown, **LOOKS.get(line, {})}
                axes.plot(own["step"], own["grad_norm"], **style)
    step_axis(axes, int(rows["step"].max()))


EXAMPLE: dict[str, Any] = {
    "groups": {
        "example": {
            "vary": ["lr"],
            "series": {
                "wsd": {"label": "WSD", "select": {"schedule": "wsd", "lr": [1e-4, 1e-3]}},
                "cosine": {"label": "Cosine", "select": {"schedule": "cosine", "lr": [1e-4, 1e-3]}},
            },
        }
    },
    "analyses": {"example": {"kind": "grad_norm_curve", "points": 20, "group": "example"}},
    "figures": {"example": {"kind": "grad_norm_curve", "analysis": "example"}},
}
