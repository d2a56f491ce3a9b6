"""The kind ``grad_norm_curve``: the gradient norm over time.

The curve of arXiv:2501.18965 is

    g(t) = a·exp(α(γ t/T)^q) + b(t/T)^p + c,   a, p, q, c >= 0, 0 <= b <= 1, α <= 0.

In one run alone, γ could not be told apart from α, of which only αγ^q matters. So the published
form, with γ in it, is one curve for the runs of all base LRs of a schedule, and is fitted to them
together. How far that holds is seen by the same curve fitted to each run alone.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import least_squares

from scheduled.analyses.cases import OK, case_keys, describe_runs, each_case, steps_of
from scheduled.core.arguments import FloatArray
from scheduled.core.rounding import ROUNDING

PARAMETERS = ("a", "alpha", "q", "b", "p", "c")
_LOWER = (0.0, -math.inf, 0.0, 0.0, 0.0, 0.0)
_UPPER = (math.inf, 0.0, math.inf, 1.0, math.inf, math.inf)
# α (for the largest γ), q and p at the start; a, b and c are taken from the data.
STARTS = tuple(itertools.product((-1.0, -5.0, -20.0), (0.3, 1.0), (0.5, 2.0)))
AGREEMENT = 1e-6
MOST_EVALUATIONS = 1000
# Where the solver stops from a start depends on rounding, by 1e-4 of a parameter that the norms
# hardly fix. With central differences and these tolerances it goes on for as long as the sum of
# squares falls: processors then agree to 1e-6 in the parameters, 1e-7 in the curve.
_TO_ROUNDING = {"jac": "3-point", "ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15}
_NUMBERS = (*PARAMETERS, "rms", "starts_agreeing")


@dataclass(frozen=True)
class GradNormCurve:
    """The fit a·exp(α(γ t/T)^q) + b(t/T)^p + c.

    Attributes
    ----------
    a, alpha, q, b, p, c : float
        The parameters; a, b and c are 0 where they are `ROUNDING` of the largest norm or less, for
        the solver only comes close to an end of their ranges.
    rms : float
        Root mean square of the residuals.
    starts_agreeing : int
        Of the starts in `STARTS`, how many ended at the least sum of squares, up to a relative
        1e-6.
    converged : bool
        Whether one of these met a tolerance, at parameters that are finite.
    """

    a: float
    alpha: float
    q: float
    b: float
    p: float
    c: float
    rms: float
    starts_agreeing: int
    converged: bool

    def __call__(self, lrs: ArrayLike, times: ArrayLike) -> FloatArray:
        """The curve at base learning rates γ and times t/T."""
        theta = np.array([getattr(self, name) for name in PARAMETERS])
        times = np.asarray(times, dtype=np.float64)
        return _curve(theta, np.asarray(lrs, dtype=np.float64) * times, times)


def _curve(theta: FloatArray, distances: FloatArray, times: FloatArray) -> FloatArray:
    a, alpha, q, b, p, c = theta
    values: FloatArray = a * np.exp(alpha * distances**q) + b * times**p + c
    return values


def fit_grad_norm_curve(lrs: ArrayLike, times: ArrayLike, grad_norms: ArrayLike) -> GradNormCurve:
    """Fit g = a·exp(α(γ t/T)^q) + b(t/T)^p + c by least squares, from each of a list of starts.

    Parameters
    ----------
    lrs : array, shape (K,)
        Base learning rate γ of each value's run.
    times : array, shape (K,)
        t/T in (0, 1].
    grad_norms : array, shape (K,)
        The gradient norms, at least one a parameter.

    Returns
    -------
    GradNormCurve
        Of the starts that ended at the least sum of squares, up to a relative 1e-6, the first that
        converged: which is the best by less is rounding. From there it is fitted once more, as
        closely as rounding allows.

    Raises
    ------
    ValueError
        If there are fewer values than parameters, or an argument is out of range.

    References
    ----------
    arXiv:2501.18965, on gradient norms in its 124M runs.

    Examples
    --------
    >>> times = np.linspace(0.01, 1, 40)
    >>> norms = 0.5 * np.exp(-4 * (2 * times) ** 0.5) + 0.2 * times**2 + 0.1
    >>> fit = fit_grad_norm_curve(np.full(40, 2.0), times, norms)
    >>> round(fit.a, 4), round(fit.alpha, 4), round(fit.q, 4)
    (0.5, -4.0, 0.5)
    """
    x, s, y = (np.asarray(values, dtype=np.float64) for values in (lrs, times, grad_norms))
    if y.size < len(PARAMETERS):
        raise ValueError(f"{y.size} gradient norms, must be {len(PARAMETERS)} or more")
    if not (np.isfinite(y).all() and (x > 0).all() and ((s > 0) & (s <= 1)).all()):
        raise ValueError("lrs must be positive, times lie in (0, 1], grad_norms be finite")
    # Over the largest γ, α is of the size of the exponent.
    unit = float(x.max())
    distances = x / unit * s

    def fit(start: ArrayLike, **tolerances: Any) -> Any:
        return least_squares(
            lambda theta: _curve(theta, distances, s) - y,
            start, bounds=(_LOWER, _UPPER), x_scale="jac", max_nfev=MOST_EVALUATIONS, **tolerances,
        )  # fmt: skip

    height, level = float(np.ptp(y)) or 1.0, max(float(y.min()) / 2, 1e-3)
    ends = [fit([height, alpha, q, 0.1, p, level]) for alpha, q, p in STARTS]
    # A perfect fit's cost is rounding, in which starts need not agree.
    least = min(float(end.cost) for end in ends) + 1e-18 * float(y @ y)
    agreeing = [end for end in ends if end.cost <= least * (1 + AGREEMENT)]
    first = next((end for end in agreeing if end.status > 0), agreeing[0])
    best = fit(first.x, **_TO_ROUNDING)
    theta = best.x.copy()
    for heights in (0, 3, 5):
        if theta[heights] <= ROUNDING * y.max():
            theta[heights] = 0.0
    a, alpha, q, b, p, c = (float(value) for value in theta)
    rms = math.sqrt(2 * float(best.cost) / y.size)
    with np.errstate(all="ignore"):
        # Of a very large q, α is beyond the range of a double, and no fit.
        alpha = float(alpha * np.exp(-q * np.log(unit)))
    converged = first.status > 0 and math.isfinite(alpha)
    return GradNormCurve(a, alpha, q, b, p, c, rms, len(agreeing), converged)


def tables(
    settings: dict[str, Any], runs: pd.DataFrame, metadata: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Fit the curve to the runs of every case, together and each alone.

    Parameters
    ----------
    settings : dict
        ``points``: steps of each run that are kept for figures, evenly spaced; all are fitted.
        ``value_field``.
    runs, metadata : DataFrame
        Of a group of runs; those that differ by seed are averaged step by step.

    Returns
    -------
    dict of DataFrame
        - ``points``: series, horizon, value (if one varies), lr, step, grad_norm, fitted (all
          together), fitted_alone;
        - ``fits``: series, horizon, value, lr (empty for the fit of all together), a, alpha, q, b,
          p, c, rms, starts_agreeing, points, status.
    """
    keys = case_keys(settings)
    about = describe_runs(metadata, settings)
    logged = steps_of(runs, about, "grad_norm")
    # The curve is of what a step t ends with; before the first there is no step.
    logged = logged[(logged["step"] > 0) & (logged["step"] <= logged["horizon"])]
    means = logged.groupby([*keys, "lr", "step"], dropna=False)["grad_norm"].mean().reset_index()
    shown, rows = [], []
    for case, of_case in each_case(about, keys, means):
        row, of_case["fitted"] = _fit(of_case)
        rows.append({**case, "lr": math.nan, **row})
        for lr, of_run in of_case.groupby("lr"):
            row, alone = _fit(of_run)
            rows.append({**case, "lr": lr, **row})
            at = np.linspace(0, len(of_run) - 1, min(settings["points"], len(of_run)))
            shown.append(of_run.assign(fitted_alone=alone).iloc[at.round().astype(int)])
    columns = [*keys, "lr", "step", "grad_norm", "fitted", "fitted_alone"]
    points = pd.concat(shown, ignore_index=True) if shown else pd.DataFrame(columns=columns)
    return {
        "points": points[columns],
        "fits": pd.DataFrame(rows, columns=[*keys, "lr", *_NUMBERS, "points", "status"]),
    }


def _fit(rows: pd.DataFrame) -> tuple[dict[str, Any], FloatArray]:
    """The row of a fit, and the fitted values; missing where it failed."""
    found: dict[str, Any] = {"points": len(rows)}
    missing = np.full(len(rows), math.nan)
    if len(rows) < len(PARAMETERS):
        why = f"{len(rows)} logged gradient norms, and a fit needs {len(PARAMETERS)}"
        return {**found, "status": why if len(rows) else "no gradient norms were logged"}, missing
    times = rows["step"] / rows["horizon"]
    try:
        fit = fit_grad_norm_curve(rows["lr"], times, rows["grad_norm"])
    except ValueError as error:
        # What the solver says of residuals that are not finite.
        return {**found, "status": f"the solver failed: {error}"}, missing
    if not fit.converged:
        why = f"not converged within {MOST_EVALUATIONS} evaluations from any start"
        return {**found, "status": why}, missing
    numbers = {name: getattr(fit, name) for name in _NUMBERS}
    return {**found, **numbers, "status": OK}, fit(rows["lr"], times)
