"""Rows of the figure kind ``rank_agreement``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scheduled.core.rounding import tie_groups
from scheduled.tables.analysed import OK
from scheduled.tables.common import case_columns


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """Loss and bound of every run, and Kendall's τ over the scale of the learning rates.

    Parameters
    ----------
    data : dict of DataFrame
        ``runs`` and ``agreement`` of an analysis of that kind.
    settings : dict
        None are used.

    Returns
    -------
    DataFrame
        Columns panel (``runs`` or ``scan``), mark (``scan``, ``matched`` or ``given``; empty for
        runs), schedule (the series), horizon, value (if one varies), x (the bound, or κ) and y (the
        loss, or τ), sorted by κ. Runs without a bound are left out, as are scales without a τ.
    """
    runs = data["runs"].rename(columns={"series": "schedule", "bound": "x", "loss": "y"})
    keys = case_columns(runs)
    agreement = data["agreement"]
    scan = agreement[agreement["status"] == OK].rename(columns={"lr_scale": "x", "tau": "y"})
    # The middle of the scan is the matched κ but for rounding, which is not to order the two.
    scan = scan.iloc[np.argsort(tie_groups(scan["x"]), kind="stable")]
    parts = [
        runs.dropna(subset=["x", "y"]).assign(panel="runs", mark=""),
        scan.assign(panel="scan", schedule=""),
    ]
    table = pd.concat(parts, ignore_index=True)
    return table[["panel", "mark", *keys, "x", "y"]]
