"""Rows of the figure kind ``logged_curves``."""

from __future__ import annotations

from typing import Any

import pandas as pd

from scheduled.tables.run_cases import run_cases

# What is read off as it is; averaging would blur where a schedule bends.
EXACT = ("learning_rate", "relative_lr")


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """What every run logged, panel by panel.

    Parameters
    ----------
    data : dict of DataFrame
        ``runs`` and ``metadata`` of a group of runs.
    settings : dict
        ``panels``: the columns shown, ``relative_lr`` among them for the learning rate over the
        base LR; ``window``: logs that losses and gradient norms are averaged over, up to and
        including each (fewer at the start of a run); ``vary``: what the runs of a series differ in.

    Returns
    -------
    DataFrame
        Columns panel, schedule (the series), horizon, value (if a field beside the horizon
        varies), run, step, y.
    """
    about = run_cases(data["metadata"], settings["vary"])
    base_lr = data["metadata"].set_index("run")["lr"]
    runs = data["runs"].assign(
        relative_lr=data["runs"]["learning_rate"] / data["runs"]["run"].map(base_lr)
    )
    parts = []
    for panel in settings["panels"]:
        rows = runs[["run", "step", panel]].dropna().rename(columns={panel: "y"})
        if panel not in EXACT:
            rows["y"] = rolling_mean(rows, "y", settings["window"])
        parts.append(rows.assign(panel=panel))
    rows = pd.concat(parts, ignore_index=True)
    rows = rows.merge(about, on="run", how="inner", validate="many_to_one")
    return rows.filter(["panel", "schedule", "horizon", "value", "run", "step", "y"])


def rolling_mean(rows: pd.DataFrame, column: str, window: int) -> pd.Series:
    """Mean of each row of a run and the ``window`` − 1 rows before it, as far as there are any."""
    means: pd.Series = rows.groupby("run", sort=False)[column].transform(
        lambda values: values.rolling(window, min_periods=1).mean()
    )
    return means
