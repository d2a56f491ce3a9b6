"""Rows of the figure kind ``convergence``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """The learning rates and the bounds over the steps.

    Parameters
    ----------
    data : dict of DataFrame
        ``curve`` of a bounds experiment.
    settings : dict
        ``panels``: which of ``schedule`` and ``bound`` are shown.

    Returns
    -------
    DataFrame
        Columns panel, schedule, horizon, step, value. Iterates whose bound is infinite have no row
        in the panel ``bound``.
    """
    column = {"schedule": "learning_rate", "bound": "bound"}
    parts: list[pd.DataFrame] = []
    for panel in settings["panels"]:
        rows = data["curve"].rename(columns={column[panel]: "value"}).assign(panel=panel)
        rows = rows[np.isfinite(rows["value"])]
        parts.append(rows.filter(["panel", "schedule", "horizon", "step", "value"]))
    return pd.concat(parts, ignore_index=True)
