"""Rows of the figure kind ``loss_curves``."""

from __future__ import annotations

from typing import Any

import pandas as pd

from scheduled.tables.run_cases import best_lr_runs, run_cases


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """The logged losses of every run, without the start that is not shown.

    Parameters
    ----------
    data : dict of DataFrame
        ``runs`` and ``metadata`` of a group of runs.
    settings : dict
        ``loss``: the column shown; ``from_fraction``: part of the longest run left out;
        ``best_lr``: whether only the best base LR of each case is shown; ``vary``: what the runs
        of a series differ in.

    Returns
    -------
    DataFrame
        Columns schedule (the series), horizon, value (if a field beside the horizon varies),
        lr (if ``best_lr``), run, step, loss.
    """
    metadata, vary = data["metadata"], settings["vary"]
    if settings["best_lr"]:
        metadata = best_lr_runs(metadata, vary)
        vary = [field for field in vary if field != "lr"]
    about = run_cases(metadata, vary)
    if settings["best_lr"]:
        about = about.assign(lr=metadata["lr"])
    rows: pd.DataFrame = (
        data["runs"].rename(columns={settings["loss"]: "loss"}).dropna(subset=["loss"])
    )
    # Rounded, because 0.07·100 is 7.000000000000001 in floating point.
    rows = rows[rows["step"] >= round(settings["from_fraction"] * about["horizon"].max(), 6)]
    rows = rows.merge(about, on="run", how="inner", validate="many_to_one")
    return rows.filter(["schedule", "horizon", "value", "lr", "run", "step", "loss"])
