"""Rows of the figure kind ``worst_case``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """The three values over the iterates of one schedule.

    Parameters
    ----------
    data : dict of DataFrame
        ``worst_case`` of an experiment of that kind.
    settings : dict
        ``schedule``: the one shown.

    Returns
    -------
    DataFrame
        Columns line (``omega``, ``exact`` or ``pep``), step, bound.
    """
    rows = data["worst_case"]
    rows = rows[rows["schedule"] == settings["schedule"]]
    long = rows.melt(
        id_vars=["step"],
        value_vars=["omega", "exact", "pep"],
        var_name="line",
        value_name="bound",
    )
    finite: pd.DataFrame = long[np.isfinite(long["bound"])]
    return finite.filter(["line", "step", "bound"])
