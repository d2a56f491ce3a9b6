"""Rows of the figure kind ``best_lr``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scheduled.core.rounding import first_least
from scheduled.tables.analysed import succeeded

_COLUMNS = ["panel", "line", "schedule", "horizon", "value", "y", "low", "high"]


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """The best base LR of runs, and how far it lies below that of the largest value.

    The second is ln γ*(largest value) − ln γ*(value); the largest is one for runs and theory. What
    theory has is ln γ*(1) − ln γ*(c) on a grid of c. Its difference between two values is the
    difference of these, interpolated linearly; at the horizon closest to the runs', as a ratio. The
    interval of a difference is made of the two intervals (MOVER, which keeps them lopsided: Donner
    and Zou 2012), the two estimates being independent.

    Parameters
    ----------
    data : dict of DataFrame
        ``fits`` of an analysis of the kind ``loss_over_lr``, and ``log_ratios`` of an experiment of
        the kind ``lr_transfer``.
    settings : dict
        None are used.

    Returns
    -------
    DataFrame
        Columns panel (``best`` or ``ratio``), line (``runs`` or ``theory``), schedule (the series;
        empty for theory), horizon, value, y, low, high. Theory's line has a point at each value of
        the runs and at those of its grid between them.
    """
    fits = succeeded(data["fits"])
    best = fits.assign(
        panel="best", line="runs", y=fits["optimum"], low=fits["optimum_low"],
        high=fits["optimum_high"],
    )  # fmt: skip
    parts = [best[_COLUMNS]]
    if len(fits):
        largest = fits["value"].max()
        parts += [_ratios(rows, largest) for _, rows in best.groupby("schedule")]
        parts.append(_theory(data["log_ratios"], fits, largest))
    return pd.concat(parts, ignore_index=True)[_COLUMNS]


def _ratios(best: pd.DataFrame, largest: float) -> pd.DataFrame:
    """Log ratios of a series; none where the largest value has no fit."""
    reference = best[best["value"] == largest]
    if reference.empty:
        return best.iloc[:0]
    with np.errstate(divide="ignore"):
        y, low, high = (np.log(best[name].to_numpy(float)) for name in ("y", "low", "high"))
        top, bottom, ceiling = np.log(reference[["y", "low", "high"]].to_numpy(float)[0])
    below = np.hypot(top - bottom, high - y)
    above = np.hypot(ceiling - top, y - low)
    itself = (best["value"] == largest).to_numpy()
    ratio = top - y
    return best.assign(
        panel="ratio",
        y=ratio,
        low=np.where(itself, np.nan, ratio - below),
        high=np.where(itself, np.nan, ratio + above),
    )


def _theory(log_ratios: pd.DataFrame, fits: pd.DataFrame, largest: float) -> pd.DataFrame:
    horizons = log_ratios["horizon"].unique()
    distance = np.abs(np.log(horizons / fits["horizon"].iloc[0]))
    horizon = horizons[first_least(distance, scale=1.0)]
    grid = log_ratios[log_ratios["horizon"] == horizon].sort_values("fraction")
    at, values = grid["fraction"].to_numpy(float), grid["log_ratio"].to_numpy(float)
    own = fits["value"].to_numpy(float)
    shown = np.unique([*own, *at[(at > own.min()) & (at < own.max())]])
    y = np.interp(shown, at, values) - np.interp(largest, at, values)
    return pd.DataFrame(
        {"panel": "ratio", "line": "theory", "schedule": "", "horizon": horizon}
        | {"value": shown, "y": y, "low": np.nan, "high": np.nan}
    )
