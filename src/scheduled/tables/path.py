"""Rows of the figure kind ``path``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scheduled.core.rounding import ROUNDING

GRID = 81


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """The paths in the plane, the solution, and the objective on a grid around them.

    Parameters
    ----------
    data : dict of DataFrame
        ``path`` and ``problem`` of a subgradient experiment.
    settings : dict
        None are used.

    Returns
    -------
    DataFrame
        Columns mark (``path``, ``solution`` or ``grid``), panel (of a grid: ``whole`` or ``end``,
        around the last quarter of the paths), schedule, step, main (whether the
        learning rate is at least 99 % of its largest), w1, w2, objective.
    """
    path, problem = data["path"].copy(), data["problem"]
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
