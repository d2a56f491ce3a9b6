"""Rows of the figure kind ``loss_over_lr``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scheduled.core.rounding import ROUNDING
from scheduled.tables.analysed import as_lines, succeeded
from scheduled.tables.common import case_columns

CURVE_POINTS = 100


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """The losses, and the fitted curves over the base LRs tried, with their optima.

    Parameters
    ----------
    data : dict of DataFrame
        ``points`` and ``fits`` of an analysis of that kind.
    settings : dict
        None are used.

    Returns
    -------
    DataFrame
        Columns schedule (the series), horizon, value (if one varies), mark (``point``, ``curve``,
        ``optimum``), lr, loss, low, high. Fits that failed have points only; an optimum outside the
        base LRs tried is not marked.
    """
    points, fits = as_lines(data["points"]), succeeded(data["fits"])
    keys = case_columns(points)
    parts = [points.assign(mark="point")]
    for fit in fits.to_dict("records"):
        case = {key: fit[key] for key in keys}
        lrs = points.merge(pd.DataFrame([case]), on=keys)["lr"]
        x = np.geomspace(lrs.min(), lrs.max(), CURVE_POINTS)
        loss = fit["A"] / x + fit["B"] * x + fit["C"]
        parts.append(pd.DataFrame({**case, "mark": "curve", "lr": x, "loss": loss}))
        if lrs.min() * (1 - ROUNDING) <= fit["optimum"] <= lrs.max() * (1 + ROUNDING):
            best = {"mark": "optimum", "lr": fit["optimum"], "loss": fit["loss_at_optimum"]}
            parts.append(pd.DataFrame([{**case, **best}]))
    return pd.concat(parts, ignore_index=True)[[*keys, "mark", "lr", "loss", "low", "high"]]
