"""Rows of the figure kind ``gamma_star_fit``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scheduled.numerics.power_law import fit_power_law

FIT_POINTS = 50


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """γ* at each horizon, and A·T^B fitted to it by least squares in ln γ* against ln T.

    Parameters
    ----------
    data : dict of DataFrame
        ``tuning`` of a bounds experiment with at least two horizons.
    settings : dict
        None are used.

    Returns
    -------
    DataFrame
        Columns schedule, mark (``point`` or ``fit``), horizon, base_lr, A, B.
    """
    parts = []
    for name, rows in data["tuning"].groupby("schedule"):
        horizon, base_lr = rows["horizon"].to_numpy(float), rows["optimal_base_lr"].to_numpy()
        law = fit_power_law(horizon, base_lr)
        a, b = law.scale, law.power
        line = np.geomspace(horizon.min(), horizon.max(), FIT_POINTS)
        for mark, x, y in (("point", horizon, base_lr), ("fit", line, a * line**b)):
            parts.append(
                pd.DataFrame(
                    {"schedule": name, "mark": mark, "horizon": x, "base_lr": y, "A": a, "B": b}
                )
            )
    return pd.concat(parts, ignore_index=True)
