"""Rows of the figure kind ``bound_terms``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """The two parts of the bound over the steps.

    Parameters
    ----------
    data : dict of DataFrame
        ``curve`` of a bounds experiment.
    settings : dict
        ``horizon``: the one shown.

    Returns
    -------
    DataFrame
        Columns schedule, horizon, part (``distance``, ``gradient`` or ``sum``), step, y.
    """
    curve = data["curve"]
    rows = curve[(curve["horizon"] == settings["horizon"]) & np.isfinite(curve["bound"])]
    names = {"distance_term": "distance", "gradient_term": "gradient", "bound": "sum"}
    long: pd.DataFrame = rows.rename(columns=names).melt(
        id_vars=["schedule", "horizon", "step"],
        value_vars=list(names.values()),
        var_name="part",
        value_name="y",
    )
    return long.filter(["schedule", "horizon", "part", "step", "y"])
