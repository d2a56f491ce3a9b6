"""The error of a difference between the lowest values of two fitted curves A/γ + Bγ + C."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from scheduled.core.arguments import FloatArray
from scheduled.numerics.lr_fit import COEFFICIENTS, LEVEL


def least_loss_error(
    lrs: Sequence[FloatArray],
    optima: Sequence[float],
    squares: float,
    freedom: int,
) -> float:
    """Half the 95 % confidence interval of the difference between two curves' lowest values.

    Parameters
    ----------
    lrs : sequence of array, shape (K,)
        The base learning rates γ that each curve was fitted to.
    optima : sequence of float
        √(A/B) of each.
    squares : float
        Sum of the squared residuals that the variance of a loss is estimated from.
    freedom : int
        Degrees of freedom of that sum, 1 or more.

    Raises
    ------
    ValueError
        If there are no degrees of freedom.

    Examples
    --------
    >>> grid = np.array([0.5, 1.0, 2.0, 4.0])
    >>> round(least_loss_error([grid, grid], [1.0, 1.0], squares=0.02, freedom=2), 3)
    0.446
    """
    if freedom < 1:
        raise ValueError(f"freedom={freedom} must be 1 or more: without, there is no error")
    # The Snakefile imports this module: scipy only where it is used.
    from scipy.special import stdtrit

    variance = squares / freedom
    factors = [_factor(rates, best) for rates, best in zip(lrs, optima, strict=True)]
    return float(stdtrit(freedom, (1 + LEVEL) / 2)) * math.sqrt(variance * sum(factors))


def _factor(lrs: FloatArray, optimum: float) -> float:
    """Variance of a curve's lowest value over that of a loss.

    It is that of the curve's value at the optimum: where the optimum is matters to second order.
    """
    ratios = lrs / optimum
    columns = np.column_stack([1 / ratios, ratios, np.ones_like(ratios)])
    gradient = np.ones(COEFFICIENTS)
    return float(gradient @ np.linalg.solve(columns.T @ columns, gradient))
