"""Rows of the figure kind ``schedule_descent``."""

from __future__ import annotations

from typing import Any

import pandas as pd


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """Schedules on their way to the best one, scaled by their first learning rate.

    Parameters
    ----------
    data : dict of DataFrame
        ``snapshots`` of an optimal-schedule experiment.
    settings : dict
        None are used.

    Returns
    -------
    DataFrame
        Columns iteration, step, y.
    """
    rows = data["snapshots"]
    first = rows.groupby("iteration")["learning_rate"].transform("first")
    return rows.assign(y=rows["learning_rate"] / first).filter(["iteration", "step", "y"])
