"""Rows of the figure kind ``gamma_star_fit``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

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
        a, b = fit_power_law(horizon, base_lr)
        line = np.geomspace(horizon.min(), horizon.max(), FIT_POINTS)
        for mark, x, y in (("point", horizon, base_lr), ("fit", line, a * line**b)):
            parts.append(
                pd.DataFrame(
                    {"schedule": name, "mark": mark, "horizon": x, "base_lr": y, "A": a, "B": b}
                )
            )
    return pd.concat(parts, ignore_index=True)


def fit_power_law(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """A and B of y ≈ A·x^B, least squares on logarithmic axes.

    Examples
    --------
    >>> a, b = fit_power_law(np.array([1.0, 4.0, 9.0]), np.array([2.0, 4.0, 6.0]))
    >>> round(a, 9), round(b, 9)
    (2.0, 0.5)
    """
    log_x, log_y = np.log(x), np.log(y)
    centred = log_x - log_x.mean()
    b = float(centred @ (log_y - log_y.mean()) / (centred @ centred))
    return float(np.exp(log_y.mean() - b * log_x.mean())), b
