"""A straight line through points."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

FEWEST_POINTS = 3
"""Points below which a slope has no standard error."""


@dataclass(frozen=True)
class Slope:
    """The slope of a straight line fitted to points.

    Attributes
    ----------
    slope : float
        By least squares.
    error : float
        Its standard error; neighbouring residuals are taken as independent.
    """

    slope: float
    error: float


def fit_slope(x: ArrayLike, y: ArrayLike) -> Slope:
    """Fit a straight line by least squares.

    Parameters
    ----------
    x, y : array, shape (K,)
        At least 3 points, at least 2 different x.

    Returns
    -------
    Slope

    Raises
    ------
    ValueError
        If there are fewer points.

    Examples
    --------
    >>> fit = fit_slope([0, 100, 200], [3.0, 2.9, 2.8])
    >>> round(fit.slope, 9), round(fit.error, 9)
    (-0.001, 0.0)
    """
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if xs.size < FEWEST_POINTS or np.unique(xs).size < 2:
        raise ValueError(f"x={xs.tolist()} must have {FEWEST_POINTS} points, 2 of them different")
    centred = xs - xs.mean()
    square = float(centred @ centred)
    slope = float(centred @ ys) / square
    residuals = ys - ys.mean() - slope * centred
    return Slope(slope, math.sqrt(float(residuals @ residuals) / (xs.size - 2) / square))
