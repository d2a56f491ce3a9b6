"""Rows of the figure kind ``objective``."""

from __future__ import annotations

from typing import Any

import pandas as pd


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """The objective over the iterates.

    Parameters
    ----------
    data : dict of DataFrame
        ``path`` of a subgradient experiment.
    settings : dict
        None are used.

    Returns
    -------
    DataFrame
        Columns schedule, step, objective.
    """
    return data["path"].filter(["schedule", "step", "objective"])
