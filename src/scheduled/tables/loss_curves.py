"""Rows of the figure kind ``loss_curves``."""

from __future__ import annotations

from typing import Any

import pandas as pd


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """The logged losses of every run, without the start that is not shown.

    Parameters
    ----------
    data : dict of DataFrame
        ``runs`` and ``metadata`` of a group of runs.
    settings : dict
        ``loss``: the column shown; ``from_fraction``: part of the longest run left out.

    Returns
    -------
    DataFrame
        Columns schedule (the series), horizon, run, step, loss.
    """
    about = data["metadata"][["run", "series", "iterations"]]
    about = about.rename(columns={"series": "schedule", "iterations": "horizon"})
    rows: pd.DataFrame = (
        data["runs"].rename(columns={settings["loss"]: "loss"}).dropna(subset=["loss"])
    )
    rows = rows[rows["step"] >= settings["from_fraction"] * about["horizon"].max()]
    rows = rows.merge(about, on="run", how="inner", validate="many_to_one")
    shown: pd.DataFrame = rows.filter(["schedule", "horizon", "run", "step", "loss"])
    return shown
