"""Rows of the figure kind ``theory_and_practice``."""

from __future__ import annotations

from typing import Any

import pandas as pd

from scheduled.tables import convergence, loss_curves


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """The bounds over the steps, and the logged losses of every run.

    Parameters
    ----------
    data : dict of DataFrame
        ``curve`` of a bounds experiment, ``runs`` and ``metadata`` of a group of runs.
    settings : dict
        ``loss``: the column shown.

    Returns
    -------
    DataFrame
        Columns panel (``bound`` or ``loss``), schedule, horizon, run (empty for a bound), step, y.
    """
    bounds = convergence.tabulate(data, {"panels": ["bound"]}).assign(run="")
    losses = loss_curves.tabulate(data, {**settings, "from_fraction": 0.0, "best_lr": False})
    losses = losses.rename(columns={"loss": "y"}).assign(panel="loss")
    columns = ["panel", "schedule", "horizon", "run", "step", "y"]
    return pd.concat([bounds[columns], losses[columns]], ignore_index=True)
