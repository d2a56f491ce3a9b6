"""Rows of the figure kind ``grad_norm_scatter``."""

from __future__ import annotations

from typing import Any

import pandas as pd

from scheduled.tables.logged_curves import rolling_mean
from scheduled.tables.run_cases import run_cases


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """The gradient norms of every run, with the learning rates summed up to each.

    Parameters
    ----------
    data : dict of DataFrame
        ``runs`` and ``metadata`` of a group of runs.
    settings : dict
        ``window``: logs that gradient norms are averaged over, up to and including each; ``vary``:
        what the runs of a series differ in.

    Returns
    -------
    DataFrame
        Columns schedule (the series), horizon, value (if a field beside the horizon varies), run,
        step, travelled (γ·Ση over the steps so far: learning rates between two logs are taken as
        linear, before the first log as rising from 0), grad_norm.
    """
    about = run_cases(data["metadata"], settings["vary"])
    rows = data["runs"][["run", "step", "learning_rate", "grad_norm"]].dropna()
    groups = rows.groupby("run", sort=False)
    before = groups[["step", "learning_rate"]].shift(fill_value=0)
    area = (rows["step"] - before["step"]) * (rows["learning_rate"] + before["learning_rate"]) / 2
    rows = rows.assign(
        travelled=area.groupby(rows["run"], sort=False).cumsum(),
        grad_norm=rolling_mean(rows, "grad_norm", settings["window"]),
    )
    rows = rows.merge(about, on="run", how="inner", validate="many_to_one")
    columns = ["schedule", "horizon", "value", "run", "step", "travelled", "grad_norm"]
    return rows.filter(columns)
