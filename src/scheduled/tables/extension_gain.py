"""Rows of the figure kind ``extension_gain``."""

from __future__ import annotations

from typing import Any

import pandas as pd

from scheduled.tables.analysed import OK


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """What every extension gains, in loss and in per cent of its steps.

    Parameters
    ----------
    data : dict of DataFrame
        ``gains`` of an analysis of that kind.
    settings : dict
        None are used.

    Returns
    -------
    DataFrame
        Columns schedule (the series), horizon, panel (``gain`` or ``saved``), part (``constant`` or
        ``window``: where the slope is measured; empty for gains), y, error (standard error of the
        slope, in the unit of y).
    """
    gains = data["gains"].rename(columns={"series": "schedule"})
    # A gain may be known without what it is worth.
    parts = [gains.assign(panel="gain", part="", y=gains["gain"], error=float("nan"))]
    usable = gains[gains["status"] == OK]
    for part, prefix in (("constant", ""), ("window", "window_")):
        percent = 100 * usable[f"{prefix}fraction_saved"]
        error = 100 * usable[f"{prefix}steps_saved_error"] / usable["horizon"]
        parts.append(usable.assign(panel="saved", part=part, y=percent, error=error))
    table = pd.concat(parts, ignore_index=True).dropna(subset=["y"])
    return table[["schedule", "horizon", "panel", "part", "y", "error"]]
