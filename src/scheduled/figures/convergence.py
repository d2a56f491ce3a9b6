"""The schedules, and the bound Ω_t that they lead to, over the steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from scheduled.core.model import EachOnce, PositiveFloat
from scheduled.figures.base import ExperimentFigure
from scheduled.figures.kit.tables import line_columns

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = {"schedule": "learning_rate", "grad_norm": "grad_norm", "bound": "bound"}
"""Panel → column of the experiment's table ``curve``."""


class Convergence(ExperimentFigure):
    """The schedules (left) and the bound Ω_t over the steps t (right)."""

    kind: Literal["convergence"]
    panels: Annotated[
        list[Literal["schedule", "grad_norm", "bound"]],
        Field(min_length=1, max_length=2),
        EachOnce,
    ] = ["schedule", "bound"]
    """Panels from left to right."""
    y_scale: Literal["linear", "log"] = "linear"
    """Scale of the bound's axis, and of that of the gradient norms."""
    mark_step: PositiveFloat | None = None
    """A step to mark with a vertical line, such as the start of a cooldown."""
    y_max: PositiveFloat | None = None
    """Upper end of the bound's axis; by default four times the smallest value."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("curve", "tuning", "schedules")}
    x_and_y: ClassVar[tuple[str, str]] = ("step", "y")

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The learning rates and the bounds over the steps.

        Returns
        -------
        DataFrame
            Columns panel, schedule, horizon, value (if one is varied), step, y. Schedules have
            their last step T + 1 too, after iterate T: it may be the first of a cooldown. Iterates
            whose bound is infinite have no row in the panel ``bound``.
        """
        curve = tables["curve"]
        rates = pd.concat([curve, _last_rates(curve, tables)], ignore_index=True)
        return pd.concat(
            [panel_rows(rates if panel == "schedule" else curve, panel) for panel in self.panels],
            ignore_index=True,
        )

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import sign_cuts
        from scheduled.figures.kit.lines import explain_lines
        from scheduled.figures.kit.style import new_figure

        figure, all_axes = new_figure(self, panels=len(self.panels))
        for axes, panel in zip(all_axes, self.panels, strict=True):
            rows = table[table["panel"] == panel]
            if panel == "bound":
                draw_bound(axes, rows, look, self.y_scale, self.y_max)
            else:
                _draw_lines(axes, rows, look)
            if panel == "schedule":
                axes.set(ylabel="learning rate γηₜ", ylim=(0, _schedule_limit(rows)))
            elif panel == "grad_norm":
                axes.set(ylabel="gradient norm $G_t$", yscale=self.y_scale)
            sign_cuts(axes)
            if self.mark_step:
                axes.axvline(self.mark_step, color="#777777", lw=0.8, ls=(0, (2, 2)), zorder=0)
        explain_lines(figure, all_axes, table, look)
        return figure


def _last_rates(curve: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The learning rate of each line's last step, at the base LR of its curve."""
    keys = line_columns(curve)
    last = tables["schedules"].groupby(keys, sort=False).tail(1)
    last = last.merge(tables["tuning"][[*keys, "base_lr"]], on=keys)
    return last.assign(learning_rate=last["relative"] * last["base_lr"] + last["offset"])


def panel_rows(curve: pd.DataFrame, panel: str) -> pd.DataFrame:
    """The rows of one panel, from the table ``curve`` of an experiment."""
    rows = curve.rename(columns={COLUMNS[panel]: "y"}).assign(panel=panel)
    finite: pd.DataFrame = rows[np.isfinite(rows["y"])]
    return finite.filter(["panel", *line_columns(curve), "step", "y"])


def draw_bound(
    axes: Axes,
    rows: pd.DataFrame,
    look: Mapping[str, Any],
    y_scale: str = "linear",
    y_max: float | None = None,
) -> None:
    """Draw the rows of the panel ``bound``."""
    from scheduled.figures.kit.axes import plain_log_axis

    _draw_lines(axes, rows, look)
    axes.set(ylabel=look["curve_label"])
    if y_scale == "log":
        axes.set_yscale("log")
        low, high = rows["y"].min(), y_max or rows["y"].max()
        axes.set_ylim(low / 1.2, min(high, 1000 * low))
        if high < 100 * low:
            plain_log_axis(axes.yaxis)
    else:
        axes.set_ylim(*_bound_limits(rows, y_max))


def _draw_lines(axes: Axes, rows: pd.DataFrame, look: Mapping[str, Any]) -> None:
    from scheduled.figures.kit.axes import step_axis
    from scheduled.figures.kit.lines import lines

    for line in lines(rows, look):
        axes.plot(line.rows["step"], line.rows["y"], color=line.color, ls=line.dashes)
    step_axis(axes, rows["step"].max())


def _bound_limits(rows: pd.DataFrame, y_max: float | None) -> tuple[float, float]:
    """Limits that show how the curves end; their starts, like D²/(2η₁), would dwarf that."""
    low = rows["y"].min()
    ends = rows.groupby(line_columns(rows))["y"].last()
    high = y_max or max(4 * low, 1.5 * ends.max())
    return low - 0.08 * (high - low), high


def _schedule_limit(rows: pd.DataFrame) -> float:
    """Upper limit that shows every schedule, but not a peak that would flatten all others."""
    groups = rows.groupby(line_columns(rows))["y"]
    return 1.05 * float(np.minimum(groups.max(), 4 * groups.median()).max())


EXAMPLE: dict[str, Any] = {
    "experiments": {
        "example": {
            "schedules": {
                "wsd": {"kind": "wsd", "cooldown_len": 0.2},
                "cosine": {"kind": "cosine"},
            },
            "horizons": [40, 20],
            "sweep": {"points": 5},
        }
    },
    "figures": {"example": {"kind": "convergence", "experiment": "example"}},
}
