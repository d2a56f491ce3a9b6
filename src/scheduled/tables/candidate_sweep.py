"""Rows of the figure kind ``candidate_sweep``."""

from __future__ import annotations

from typing import Any

import pandas as pd


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """Sweeps and optima of every candidate, and the base LR to keep.

    Parameters
    ----------
    data : dict of DataFrame
        ``candidates`` and ``extensions`` of a horizon-transfer experiment.
    settings : dict
        None are used.

    Returns
    -------
    DataFrame
        Columns mark (``sweep``, ``optimum`` or ``kept``), value, base_lr, bound.
    """
    kept = pd.DataFrame({"mark": "kept", "base_lr": data["extensions"]["base_lr"].iloc[:1]})
    columns = ["mark", "value", "base_lr", "bound"]
    return pd.concat([data["candidates"][columns], kept], ignore_index=True)
