"""Rows of the figure kind ``grad_norm_curve``."""

from __future__ import annotations

from typing import Any

import pandas as pd

from scheduled.tables.analysed import as_lines
from scheduled.tables.common import case_columns


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """The gradient norms over time, and the curves fitted to all runs together and to each alone.

    Parameters
    ----------
    data : dict of DataFrame
        ``points`` of an analysis of that kind.
    settings : dict
        None are used.

    Returns
    -------
    DataFrame
        Columns schedule (the series), horizon, value (if one varies), lr, line (``measured``,
        ``fitted``, ``alone``), step, grad_norm. Fits that failed have no rows.
    """
    points = as_lines(data["points"])
    keys = [*case_columns(points), "lr"]
    names = {"grad_norm": "measured", "fitted": "fitted", "fitted_alone": "alone"}
    long = points.melt([*keys, "step"], list(names), var_name="line", value_name="norm")
    long["line"] = long["line"].map(names)
    long = long.dropna(subset=["norm"]).rename(columns={"norm": "grad_norm"})
    order = pd.Categorical(long["line"], list(names.values()), ordered=True)
    long = long.assign(order=order).sort_values([*keys, "order", "step"], ignore_index=True)
    return long[[*keys, "line", "step", "grad_norm"]]
