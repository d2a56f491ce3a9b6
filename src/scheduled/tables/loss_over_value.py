"""Rows of the figure kind ``loss_over_value``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scheduled.tables.analysed import as_lines


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """The losses against the value that varies, at the base LRs chosen.

    Parameters
    ----------
    data : dict of DataFrame
        ``points`` of an analysis of the kind ``loss_over_lr``.
    settings : dict
        ``lrs``: the base LRs.

    Returns
    -------
    DataFrame
        Columns schedule (the series), horizon, lr, value, loss, low, high.

    Raises
    ------
    ValueError
        If there are no runs at a base LR.
    """
    points = as_lines(data["points"])
    parts = []
    for lr in settings["lrs"]:
        rows = points[np.isclose(points["lr"], lr, rtol=1e-9, atol=0)]
        if rows.empty:
            tried = ", ".join(f"{one:g}" for one in sorted(points["lr"].unique()))
            raise ValueError(f"lrs={settings['lrs']}: no run has the base LR {lr:g}, only {tried}")
        parts.append(rows)
    columns = ["schedule", "horizon", "lr", "value", "loss", "low", "high"]
    return pd.concat(parts, ignore_index=True)[columns]
