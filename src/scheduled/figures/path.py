"""Paths of the subgradient method in the plane, over contours of the objective."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from scheduled.core.rounding import ROUNDING
from scheduled.figures.base import ExperimentFigure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GRID = 81
TITLES = {"whole": "whole path", "end": "near the solution"}


class Path(ExperimentFigure):
    """Paths of the subgradient method in the plane, over contours of the objective."""

    kind: Literal["path"]

    draws: ClassVar[str] = "subgradient"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("path", "problem")}

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The paths in the plane, the solution, and the objective on a grid around them.

        Returns
        -------
        DataFrame
            Columns mark (``path``, ``solution`` or ``grid``), panel (of a grid: ``whole`` or
            ``end``, around the last quarter of the paths), schedule, step, main (whether the
            learning rate is at least 99 % of its largest), w1, w2, objective.
        """
        path, problem = tables["path"].copy(), tables["problem"]
        peak = path.groupby("schedule")["learning_rate"].transform("max")
        # Linear decay over 100 steps has 99 % at its second one, but for rounding.
        main = path["learning_rate"] >= 0.99 * (1 - ROUNDING) * peak
        path = path.assign(mark="path", main=main)
        solution = problem[problem["row"] == "solution"].assign(mark="solution", objective=0.0)
        rows = problem[problem["row"] != "solution"]
        X, y = rows[["w1", "w2"]].to_numpy(), rows["y"].to_numpy()
        late = path[path["step"] > path["step"].max() * 0.75]
        grids = [
            _grid(rows, solution, X, y).assign(panel=panel)
            for panel, rows in (("whole", path), ("end", late))
        ]
        columns = ["mark", "panel", "schedule", "step", "main", "w1", "w2", "objective"]
        table = pd.concat([path, solution, *grids], ignore_index=True)
        return table.reindex(columns=columns)

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.style import DOUBLE, new_grid, schedule_styles

        path = table[table["mark"] == "path"]
        names = [name for name in look["labels"] if (path["schedule"] == name).any()]
        styles = schedule_styles(list(look["labels"]))
        figure, rows = new_grid(self, 2, len(names), (DOUBLE[0], 4.6), share=("row", "row"))
        for axes_row, panel in zip(rows, ("whole", "end"), strict=True):
            for axes, name in zip(axes_row, names, strict=True):
                _draw_plane(axes, table, panel, name, styles[name][0])
            axes_row[0].set_ylabel(f"$w_2$, {TITLES[panel]}")
        for axes, name in zip(rows[0], names, strict=True):
            axes.set_title(look["labels"][name])
        for axes in rows[1]:
            axes.set_xlabel("$w_1$")
        notes = [
            legend_line("at full LR", "#444444", marker="o"),
            legend_line("at a lowered LR", "#444444", "none", "D"),
            legend_line("solution", "#222222", "none", "*"),
            legend_line("background: objective, darker is lower", "none"),
        ]
        notes[1].set_markerfacecolor("white")
        place_legend(figure, notes)
        return figure


def _grid(rows: pd.DataFrame, solution: pd.DataFrame, X: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    """The objective ‖Xw − y‖_∞ on a grid around some iterates and the solution."""
    sides = []
    for name in ("w1", "w2"):
        points = np.append(rows[name], solution[name])
        margin = 0.12 * (points.max() - points.min())
        sides.append(np.linspace(points.min() - margin, points.max() + margin, GRID))
    w1, w2 = (side.ravel() for side in np.meshgrid(*sides))
    # Sums of two products, in a fixed order: a matrix product could differ between machines.
    residuals = np.abs(w1[:, None] * X[:, 0] + w2[:, None] * X[:, 1] - y)
    return pd.DataFrame({"mark": "grid", "w1": w1, "w2": w2, "objective": residuals.max(axis=1)})


def _draw_plane(axes: Axes, table: pd.DataFrame, panel: str, name: str, color: str) -> None:
    plane = table[(table["mark"] == "grid") & (table["panel"] == panel)]
    grid = plane.pivot(index="w2", columns="w1", values="objective")
    levels = np.linspace(0, grid.to_numpy().max(), 13)
    axes.contourf(
        grid.columns, grid.index, grid.to_numpy(), levels, cmap="gray", vmin=-3 * levels[-1],
        vmax=1.05 * levels[-1], zorder=0,
    )  # fmt: skip
    rows = table[(table["mark"] == "path") & (table["schedule"] == name)]
    main = rows["main"].astype(bool)
    axes.plot(rows["w1"], rows["w2"], color=color, lw=0.5)
    axes.plot(rows["w1"][main], rows["w2"][main], color=color, ls="none", marker="o", ms=1.5)
    hollow: dict[str, Any] = {"marker": "D", "ms": 2.5, "mfc": "white", "mew": 0.6}
    axes.plot(rows["w1"][~main], rows["w2"][~main], color=color, ls="none", **hollow)
    solution = table[table["mark"] == "solution"]
    axes.plot(solution["w1"], solution["w2"], color="#222222", marker="*", ms=9, mec="white")
    axes.set_xlim(plane["w1"].min(), plane["w1"].max())
    axes.set_ylim(plane["w2"].min(), plane["w2"].max())
    axes.locator_params(nbins=5)
    axes.grid(visible=False)


EXAMPLE: dict[str, Any] = {
    "experiments": {
        "example": {
            "kind": "subgradient",
            "horizon": 30,
            "schedules": {
                "wsd": {"kind": "wsd", "cooldown_len": 0.2},
                "constant": {"kind": "constant"},
            },
            "base_lr": {"wsd": 0.2, "constant": 0.1},
        }
    },
    "figures": {"example": {"kind": "path", "experiment": "example"}},
}
