"""Power laws through points."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scheduled.core.arguments import FloatArray
from scheduled.numerics.lr_fit import LEVEL

COEFFICIENTS = 2


@dataclass(frozen=True)
class PowerLaw:
    """The fit y = scale·x^power.

    Attributes
    ----------
    scale, power : float
        Of the regression in logarithms.
    power_error : float
        Standard error of the power; missing (NaN) for two points, which any power law fits.
    rms : float
        Root mean square of the residuals of ln y.
    points : int
        Number of points fitted.
    """

    scale: float
    power: float
    power_error: float
    rms: float
    points: int

    def power_interval(self) -> tuple[float, float]:
        """95 % confidence interval of the power, by the t distribution; missing for two points."""
        from scipy.special import stdtrit

        if self.points == COEFFICIENTS:
            return math.nan, math.nan
        half = float(stdtrit(self.points - COEFFICIENTS, (1 + LEVEL) / 2)) * self.power_error
        return self.power - half, self.power + half


def fit_power_law(x: ArrayLike, y: ArrayLike) -> PowerLaw:
    """Fit y = scale·x^power by linear regression of ln y on ln x.

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

    Examples
    --------
    >>> law = fit_power_law([1, 4, 16], [3, 1.5, 0.75])
    >>> round(law.scale, 6), round(law.power, 6)
    (3.0, -0.5)
    """
    xs, ys = _checked(x, y)
    log_x, log_y = np.log(xs), np.log(ys)
    centred = log_x - log_x.mean()
    square = float(centred @ centred)
    power = float(centred @ log_y) / square
    residuals = log_y - log_y.mean() - power * centred
    squares = float(residuals @ residuals)
    freedom = xs.size - COEFFICIENTS
    error = math.sqrt(squares / freedom / square) if freedom else math.nan
    scale = math.exp(float(log_y.mean() - power * log_x.mean()))
    return PowerLaw(scale, power, error, math.sqrt(squares / xs.size), xs.size)


def fit_power_law_unlogged(x: ArrayLike, y: ArrayLike) -> float:
    """The power of y = scale·x^power by least squares in y itself: large values count most.

    Parameters
    ----------
    x, y : array, shape (K,)
        As in `fit_power_law`, where the search begins.

    Raises
    ------
    ValueError
        As in `fit_power_law`.

    Examples
    --------
    >>> round(fit_power_law_unlogged([1, 4, 16], [3, 1.5, 0.75]), 6)
    -0.5
    """
    from scipy.optimize import least_squares

    xs, ys = _checked(x, y)
    log_x = np.log(xs)
    centred, relative = log_x - log_x.mean(), ys / ys.max()

    def residuals(power: FloatArray) -> FloatArray:
        # The best scale for a power is known, so the power alone is sought.
        shape = np.exp(power[0] * centred)
        misses: FloatArray = shape * (shape @ relative / (shape @ shape)) - relative
        return misses

    start = fit_power_law(xs, ys).power
    found = least_squares(residuals, [start], xtol=1e-14, ftol=1e-14, gtol=1e-14)
    return float(found.x[0])


def fit_scale(x: ArrayLike, y: ArrayLike, power: float) -> float:
    """The scale of y = scale·x^power for a given power, by least squares in ln y.

    Parameters
    ----------
    x, y : array, shape (K,)
        Positive numbers.
    power : float

    Examples
    --------
    >>> round(fit_scale([1.0, 4.0], [2.0, 1.0], power=-0.5), 9)
    2.0
    """
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    return float(np.exp(np.mean(np.log(ys * xs**-power))))


def _checked(x: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]:
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    for name, values in (("x", xs), ("y", ys)):
        if not ((values > 0) & (values < math.inf)).all():
            raise ValueError(f"{name}={values.tolist()} must be positive, finite numbers")
    if np.unique(xs).size < COEFFICIENTS:
        raise ValueError(f"x={xs.tolist()} must have {COEFFICIENTS} different numbers or more")
    return xs, ys
