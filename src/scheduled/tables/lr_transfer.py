"""Rows of the figure kind ``lr_transfer``."""

from __future__ import annotations

from typing import Any

import pandas as pd


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """ln γ*(1) − ln γ*(c) and the fitted polynomial, for every horizon.

    Parameters
    ----------
    data : dict of DataFrame
        ``log_ratios`` of an experiment of that kind.
    settings : dict
        None are used.

    Returns
    -------
    DataFrame
        Columns horizon, fraction, log_ratio, fitted, residual.
    """
    return data["log_ratios"]
