"""What training runs logged over their steps: gradient norms, losses, learning rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from scheduled.core import promise
from scheduled.core.model import EachOnce
from scheduled.figures.base import GroupFigure
from scheduled.figures.kit.tables import over_seeds, rolling_mean, run_lines

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from scheduled.figures.kit.lines import Line

# What is read off as it is; averaging would blur where a schedule bends.
EXACT = ("learning_rate", "relative_lr")
LABELS = {
    "train_loss": "training loss",
    "val_loss": "validation loss",
    "grad_norm": "gradient norm",
    "learning_rate": "learning rate γηₜ",
    "relative_lr": "learning rate ηₜ, relative to γ",
}
LEARNING_RATES = ("learning_rate", "relative_lr")


class LoggedCurves(GroupFigure):
    """What runs logged over their steps: up to three panels, with a column per series if needed."""

    kind: Literal["logged_curves"]
    panels: Annotated[
        list[Literal["train_loss", "val_loss", "grad_norm", "learning_rate", "relative_lr"]],
        Field(min_length=1, max_length=3),
        EachOnce,
    ]
    """What is shown; `relative_lr` is the learning rate over the base LR."""
    window: Annotated[int, Field(ge=1, le=10_000)] = 1
    """Number of logs in the moving average of losses and norms, up to and including each."""
    y_scale: Literal["linear", "log"] = "linear"
    """Scale of the axes of losses and gradient norms."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"group": ("runs", "metadata")}
    x_and_y: ClassVar[tuple[str, str]] = ("step", "y")
    promises: ClassVar[tuple[promise.Cells, ...]] = (
        promise.Cells(
            ("y", "low", "high"),
            promise.EXACT,
            ("panel", "learning_rate", "relative_lr"),
            averaged=True,
        ),
        promise.Cells(("y", "low", "high"), promise.DIRECT),
    )

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """What runs logged, panel by panel; means over seeds.

        Returns
        -------
        DataFrame
            Columns panel, schedule (the series), horizon, value (if a field beside the horizon
            varies), step, y, low, high (its ends over the seeds, if there are several).
        """
        about = run_lines(tables["metadata"], look["vary"])
        base_lr = tables["metadata"].set_index("run")["lr"]
        runs = tables["runs"].assign(
            relative_lr=tables["runs"]["learning_rate"] / tables["runs"]["run"].map(base_lr)
        )
        parts = []
        for panel in self.panels:
            rows = runs[["run", "step", panel]].dropna().rename(columns={panel: "y"})
            if panel not in EXACT:
                rows["y"] = rolling_mean(rows, "y", self.window)
            parts.append(rows.assign(panel=panel))
        rows = pd.concat(parts, ignore_index=True)
        rows = rows.merge(about, on="run", how="inner", validate="many_to_one")
        columns = ["panel", "schedule", "horizon", "value", "run", "step", "y"]
        return over_seeds(rows.filter(columns), "y")

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import number
        from scheduled.figures.kit.legends import label_ends, legend_line, place_legend
        from scheduled.figures.kit.lines import explain_lines, seeds_note, value_color
        from scheduled.figures.kit.style import DOUBLE, SINGLE, new_grid

        names = [name for name in look["labels"] if (table["schedule"] == name).any()]
        # Several series of several values each have one column per series: colour says the value.
        by_series = "value" in table and len(names) > 1
        columns = [[name] for name in names] if by_series else [names]
        panels = self.panels
        width = DOUBLE[0] if len(columns) > 1 else SINGLE[0]
        height = SINGLE[1] if len(panels) == 1 else 0.7 + 1.6 * len(panels)
        share: Any = ("col", "row")
        figure, grid = new_grid(self, len(panels), len(columns), (width, height), share=share)
        for axes_row, panel in zip(grid, panels, strict=True):
            rows = table[table["panel"] == panel]
            for axes, series in zip(axes_row, columns, strict=True):
                _draw_panel(axes, rows[rows["schedule"].isin(series)], panel, look, table)
            _scale(axes_row, panel, self.y_scale)
            for axes in axes_row[1:]:
                axes.set_ylabel("")
        for axes_row in grid[:-1]:
            for axes in axes_row:
                axes.set_xlabel("")
        notes = seeds_note(table, look, band=True)
        if by_series:
            for axes, name in zip(grid[0], names, strict=True):
                axes.set_title(look["labels"][name])
            values = sorted(table["value"].unique())
            entries = [
                legend_line(
                    f"{look['vary_label']} = {number(value)}",
                    value_color(value, values, look.get("value_scale", "")),
                )
                for value in values
            ]
            labelled = label_ends(grid[0][-1], entries)
            place_legend(figure, [] if labelled else entries, notes)
        else:
            panels_drawn = [axes for row in grid for axes in row]
            explain_lines(figure, panels_drawn, table, look, extra=notes)
        return figure


def _draw_panel(
    axes: Axes, rows: pd.DataFrame, panel: str, look: Mapping[str, Any], table: pd.DataFrame
) -> None:
    from scheduled.figures.kit.axes import step_axis

    for line in _lines(rows, look, table):
        at = line.rows.sort_values("step")
        axes.plot(at["step"], at["y"], color=line.color, ls=line.dashes, lw=0.9)
        if at["low"].notna().any():
            axes.fill_between(at["step"], at["low"], at["high"], color=line.color, alpha=0.2, lw=0)
    axes.set(ylabel=LABELS[panel])
    step_axis(axes, table["step"].max())


def _lines(rows: pd.DataFrame, look: Mapping[str, Any], table: pd.DataFrame) -> list[Line]:
    """The lines of a panel; where it has one series of several, colour says the value."""
    from scheduled.figures.kit.lines import Line, lines, value_color

    if "value" not in table or table["schedule"].nunique() == 1:
        return list(lines(rows, look))
    values = sorted(table["value"].unique())
    colors = {value: value_color(value, values, look.get("value_scale", "")) for value in values}
    return [
        Line(str(part["schedule"].iloc[0]), value, part, color, "solid")
        for value, color in colors.items()
        if len(part := rows[rows["value"] == value])
    ]


def _scale(row: Sequence[Axes], panel: str, y_scale: str) -> None:
    """The same limits for a row; they show how runs go on, which their first steps would dwarf."""
    from scheduled.figures.kit.axes import plain_log_axis, sign_cuts

    start = 0.02 if panel == "grad_norm" else 0.1
    late = [
        float(y)
        for axes in row
        for line in axes.lines
        for x, y in np.asarray(line.get_xydata(), float)
        if panel in LEARNING_RATES or x >= start * axes.get_xlim()[1]
    ]
    low, high = min(late), max(late)
    for axes in row:
        if panel in LEARNING_RATES:
            axes.set_ylim(0, 1.05 * high)
        elif y_scale == "log":
            axes.set(yscale="log", ylim=(low / 1.1, high * 1.1))
            plain_log_axis(axes.yaxis)
        else:
            axes.set_ylim(low - 0.06 * (high - low), high)
    sign_cuts(*row)


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
    "figures": {
        "example": {
            "kind": "logged_curves",
            "group": "example",
            "panels": ["grad_norm", "learning_rate"],
        }
    },
}
