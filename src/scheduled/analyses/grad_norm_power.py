"""The kind ``grad_norm_power``: the mean gradient norm of a run as a power of its base LR."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import least_squares
from scipy.stats import t as student

from scheduled.analyses.cases import (
    OK,
    average_seeds,
    case_keys,
    describe_runs,
    each_case,
    steps_of,
)

LEVEL = 0.95
"""Confidence of the intervals."""
COEFFICIENTS = 2
_NUMBERS = (
    "scale",
    "power",
    "power_error",
    "power_low",
    "power_high",
    "power_unlogged",
    "rms",
)


@dataclass(frozen=True)
class PowerLaw:
    """The fit y = scale·x^power.

    Attributes
    ----------
    scale, power : float
        Of the regression in logarithms.
    power_error, power_low, power_high : float
        Standard error of the power, and its 95 % interval from the t distribution; missing (NaN)
        for two points, which any power law fits.
    power_unlogged : float
        The power by least squares in y itself, for which large values count most.
    rms : float
        Root mean square of the residuals of ln y.
    """

    scale: float
    power: float
    power_error: float
    power_low: float
    power_high: float
    power_unlogged: float
    rms: float


def fit_power(x: ArrayLike, y: ArrayLike) -> PowerLaw:
    """Fit y = scale·x^power by linear regression of ln y on ln x.

    The published exponents β are of exp(−β·log₁₀γ), fitted by least squares in y itself: as powers
    of γ they are −β/ln 10, the `power_unlogged` here.

    Parameters
    ----------
    x, y : array, shape (K,)
        Positive numbers; at least 2 different x.

    Returns
    -------
    PowerLaw

    Raises
    ------
    ValueError
        If fewer than 2 of x differ, or a number is not positive and finite.

    References
    ----------
    arXiv:2501.18965, on gradient norms in its 124M runs.

    Examples
    --------
    >>> law = fit_power([1, 4, 16], [3, 1.5, 0.75])
    >>> round(law.scale, 6), round(law.power, 6), round(law.power_unlogged, 6)
    (3.0, -0.5, -0.5)
    """
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    for name, values in (("x", xs), ("y", ys)):
        if not ((values > 0) & (values < math.inf)).all():
            raise ValueError(f"{name}={values.tolist()} must be positive, finite numbers")
    if np.unique(xs).size < COEFFICIENTS:
        raise ValueError(f"x={xs.tolist()} must have {COEFFICIENTS} different numbers or more")
    log_x, log_y = np.log(xs), np.log(ys)
    centred = log_x - log_x.mean()
    power = float(centred @ log_y / (centred @ centred))
    residuals = log_y - log_y.mean() - power * centred
    freedom = xs.size - COEFFICIENTS
    error = low = high = math.nan
    if freedom:
        error = math.sqrt(float(residuals @ residuals) / freedom / float(centred @ centred))
        half = float(student.ppf((1 + LEVEL) / 2, freedom)) * error
        low, high = power - half, power + half
    scale = math.exp(float(log_y.mean() - power * log_x.mean()))
    rms = math.sqrt(float(residuals @ residuals) / xs.size)
    unlogged = _power_unlogged(centred, ys / ys.max(), power)
    return PowerLaw(scale, power, error, low, high, unlogged, rms)


def _power_unlogged(log_x: np.ndarray, y: np.ndarray, start: float) -> float:
    """The power that minimises the squares in y itself, from the one of the regression on."""

    def residuals(power: np.ndarray) -> np.ndarray:
        # The best scale for a power is known, so the power alone is sought.
        shape = np.exp(power[0] * log_x)
        misses: np.ndarray = shape * (shape @ y / (shape @ shape)) - y
        return misses

    found = least_squares(residuals, [start], xtol=1e-14, ftol=1e-14, gtol=1e-14)
    return float(found.x[0])


def tables(
    settings: dict[str, Any], runs: pd.DataFrame, metadata: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Fit every case's mean gradient norms over its base LRs.

    Parameters
    ----------
    settings : dict
        ``from_fraction``: the mean is over the logged steps from this part of the horizon on;
        ``value_field``. With 0 (all steps) and `power_unlogged`, the published exponents come out.
    runs, metadata : DataFrame
        Of a group of runs.

    Returns
    -------
    dict of DataFrame
        - ``points``: series, horizon, value (if one varies), lr, grad_norm (mean over the steps),
          low, high, seeds;
        - ``fits``: series, horizon, value, scale, power, power_error, power_low, power_high,
          power_unlogged, rms (of ln), points, status.
    """
    keys = case_keys(settings)
    about = describe_runs(metadata, settings)
    logged = steps_of(runs, about, "grad_norm")
    # Rounded, because 0.07·100 is 7.000000000000001 in floating point.
    first = (settings["from_fraction"] * logged["horizon"]).round(6)
    logged = logged[logged["step"] >= first]
    means = logged.groupby("run")["grad_norm"].mean()
    about = about.assign(grad_norm=about["run"].map(means).astype("float64"))
    points = average_seeds(about, [*keys, "lr"], "grad_norm")
    rows = []
    for case, of_case in each_case(about, keys, points):
        rows.append({**case, **_fit_case(of_case)})
    return {
        "points": points,
        "fits": pd.DataFrame(rows, columns=[*keys, *_NUMBERS, "points", "status"]),
    }


def _fit_case(rows: pd.DataFrame) -> dict[str, Any]:
    found: dict[str, Any] = {"points": len(rows)}
    if len(rows) < COEFFICIENTS:
        why = f"gradient norms at {len(rows)} learning rates, and a fit needs {COEFFICIENTS}"
        return {**found, "status": why if len(rows) else "no gradient norms were logged"}
    if (rows["grad_norm"] <= 0).any():
        return {**found, "status": "a mean gradient norm is 0, which has no logarithm"}
    law = fit_power(rows["lr"], rows["grad_norm"])
    return {**found, **{name: getattr(law, name) for name in _NUMBERS}, "status": OK}
