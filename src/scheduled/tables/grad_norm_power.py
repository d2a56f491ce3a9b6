"""Rows of the figure kind ``grad_norm_power``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scheduled.tables.analysed import as_lines, succeeded
from scheduled.tables.common import case_columns

LINE_POINTS = 2
"""A power law is a straight line on logarithmic axes."""


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """The mean gradient norms, and the power laws over the base LRs tried.

    Parameters
    ----------
    data : dict of DataFrame
        ``points`` and ``fits`` of an analysis of that kind.
    settings : dict
        None are used.

    Returns
    -------
    DataFrame
        Columns schedule (the series), horizon, value (if one varies), mark (``point`` or ``fit``),
        lr, grad_norm, low, high, power and its interval power_low and power_high.
    """
    points, fits = as_lines(data["points"]), succeeded(data["fits"])
    keys = case_columns(points)
    powers = ["power", "power_low", "power_high"]
    parts = [points.merge(fits[[*keys, *powers]], on=keys, how="left").assign(mark="point")]
    for fit in fits.to_dict("records"):
        case = {key: fit[key] for key in keys}
        lrs = points.merge(pd.DataFrame([case]), on=keys)["lr"]
        x = np.geomspace(lrs.min(), lrs.max(), LINE_POINTS)
        line = {"mark": "fit", "lr": x, "grad_norm": fit["scale"] * x ** fit["power"]}
        parts.append(pd.DataFrame({**case, **line, **{name: fit[name] for name in powers}}))
    columns = [*keys, "mark", "lr", "grad_norm", "low", "high", *powers]
    return pd.concat(parts, ignore_index=True)[columns]
