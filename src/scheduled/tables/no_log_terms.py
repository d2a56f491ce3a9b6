"""Rows of the figure kind ``no_log_terms``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scheduled.bounds.closed_forms import constant_optimum
from scheduled.numerics.power_law import fit_scale


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """Tuned bounds of growing horizons, and two laws to compare their ends with.

    Parameters
    ----------
    data : dict of DataFrame
        ``curve`` and ``tuning`` of a bounds experiment with D = G = 1.
    settings : dict
        None are used.

    Returns
    -------
    DataFrame
        Columns line (``bound``, ``constant`` for the tuned constant schedule, DG/√t·√(1+H_{t−1}),
        ``fit`` for the A/√t fitted to the tuned ends, ``end`` for these), schedule, horizon, step,
        bound, A.
    """
    curve, ends = data["curve"], data["tuning"]
    horizons = ends["horizon"].to_numpy(float)
    a = fit_scale(horizons, ends["optimal_bound"], power=-0.5)
    t = np.unique(np.geomspace(10, horizons.max(), 200).round())
    bounds = curve[np.isfinite(curve["bound"])].assign(line="bound")
    constant = pd.DataFrame(
        {"line": "constant", "step": t, "bound": [constant_optimum(int(step))[1] for step in t]}
    )
    fit = pd.DataFrame({"line": "fit", "step": t, "bound": a / np.sqrt(t)})
    marks = ends.rename(columns={"optimal_bound": "end"})[["schedule", "horizon", "end"]]
    marks = marks.assign(line="end", step=marks["horizon"]).rename(columns={"end": "bound"})
    columns = ["line", "schedule", "horizon", "step", "bound"]
    parts = [bounds[columns], marks[columns], constant, fit]
    table: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return table.assign(A=a)
