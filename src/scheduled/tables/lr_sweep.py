"""Rows of the figure kind ``lr_sweep``."""

from __future__ import annotations

from typing import Any

import pandas as pd

from scheduled.tables.common import case_columns


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """The sweep's curves and the optimum of each.

    Parameters
    ----------
    data : dict of DataFrame
        ``sweep`` and ``tuning`` of a bounds experiment.
    settings : dict
        None are used.

    Returns
    -------
    DataFrame
        Columns schedule, horizon, value (if one is varied), mark (``curve`` or ``optimum``),
        base_lr, bound.
    """
    curve = data["sweep"].assign(mark="curve")
    optimum = data["tuning"].drop(columns=["base_lr", "bound"]).assign(mark="optimum")
    optimum = optimum.rename(columns={"optimal_base_lr": "base_lr", "optimal_bound": "bound"})
    columns = [*case_columns(curve), "mark", "base_lr", "bound"]
    return pd.concat([curve[columns], optimum[columns]], ignore_index=True)
