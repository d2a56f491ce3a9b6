"""A curve for the gradient norm over time.

The curve of arXiv:2501.18965 is

    g(t) = a·exp(α(γ t/T)^q) + b(t/T)^p + c,   a, p, q, c >= 0, 0 <= b <= 1, α <= 0.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

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
# hardly fix. With these tolerances it goes on for as long as the sum of squares falls: processors
# then agree to 1e-6 in the parameters, 1e-7 in the curve.
_TO_ROUNDING = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15}


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


def _derivatives(theta: FloatArray, distances: FloatArray, times: FloatArray) -> FloatArray:
    """Of the curve's values by the parameters, shape (K, 6)."""
    a, alpha, q, b, p, _ = theta
    powers, rising = distances**q, times**p
    falling = np.exp(alpha * powers)
    by_alpha = a * falling * powers
    by_q = by_alpha * alpha * np.log(distances)
    by_p = b * rising * np.log(times)
    return np.column_stack([falling, by_alpha, by_q, rising, by_p, np.ones_like(times)])


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
    from scipy.optimize import least_squares

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
            start, lambda theta: _derivatives(theta, distances, s), bounds=(_LOWER, _UPPER),
            x_scale="jac", max_nfev=MOST_EVALUATIONS, **tolerances,
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
