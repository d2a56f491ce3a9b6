"""Rows of the figure kind ``convergence``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scheduled.tables.common import case_columns


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """The learning rates and the bounds over the steps.

    Parameters
    ----------
    data : dict of DataFrame
        ``curve`` of a bounds experiment.
    settings : dict
        ``panels``: which of ``schedule``, ``grad_norm`` and ``bound`` are shown.

    Returns
    -------
    DataFrame
        Columns panel, schedule, horizon, value (if one is varied), step, y.
        Iterates whose bound is infinite have no row
        in the panel ``bound``.
    """
    column = {"schedule": "learning_rate", "grad_norm": "grad_norm", "bound": "bound"}
    cases = case_columns(data["curve"])
    parts: list[pd.DataFrame] = []
    for panel in settings["panels"]:
        rows = data["curve"].rename(columns={column[panel]: "y"}).assign(panel=panel)
        rows = rows[np.isfinite(rows["y"])]
        parts.append(rows.filter(["panel", *cases, "step", "y"]))
    return pd.concat(parts, ignore_index=True)
