"""The bound of the learning rates that a training run logged, as a function of their unit.

The unit of theory's learning rates, D/G, is not known: the bound of a run's logged rates is
Ω_T(κ) = 𝒯₁/κ + κ𝒯₂ with an unknown number κ.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.omega import last_iterate_bound
from scheduled.core.arguments import FloatArray, check_integer

# Of two learning rates, a line to 0 is known to some 1e-15 of them. What is closer to 0 than this
# part of the largest is 0: else a learning rate that rounding made would be the last, and Ω huge.
# It is less than `ROUNDING` because true ones are as small: a cosine of 50,000 steps ends at 1e-9.
ZERO_LR = 1e-13
# With its bound, 0.5 GB and some seconds a run: an array of all steps, however few were logged.
MOST_STEPS = 10_000_000


@dataclass(frozen=True)
class BoundTerms:
    """The two terms of Ω_T(κ) = 𝒯₁/κ + κ𝒯₂, every learning rate times κ (arXiv:2501.18965).

    Attributes
    ----------
    distance, gradient : float
        𝒯₁ and 𝒯₂, both > 0.
    """

    distance: float
    gradient: float

    def __call__(self, scale: float) -> float:
        """Ω_T with every learning rate times `scale`."""
        return self.distance / scale + scale * self.gradient

    @property
    def best_scale(self) -> float:
        """√(𝒯₁/𝒯₂), where Ω_T is least."""
        return math.sqrt(self.distance / self.gradient)


def schedule_of_log(steps: ArrayLike, learning_rates: ArrayLike, horizon: int) -> FloatArray:
    """Return the learning rates of all steps of a run, on straight lines between those logged.

    A log at iteration k is written when k steps are done and holds the learning rate of the next,
    η_{k+1} with steps from 1 on. So a cooldown to 0, whose log at iteration T is 0, has
    η_{T+1} = 0: the package's convention. Between logs, and before the first and after the last,
    it goes on linearly.

    Parameters
    ----------
    steps : array, shape (K,)
        Iterations of the logs, K >= 2, increasing.
    learning_rates : array, shape (K,)
        What was logged.
    horizon : int
        T.

    Returns
    -------
    array, shape (T+1,)
        Index t−1 is step t.

    Raises
    ------
    ValueError
        If the logs begin or end further from the run's ends than twice their usual distance, or T
        is above `MOST_STEPS`.

    Examples
    --------
    >>> schedule_of_log([2, 4, 6], [1.0, 1.0, 0.0], horizon=6)
    array([1. , 1. , 1. , 1. , 1. , 0.5, 0. ])
    """
    at, lrs = np.asarray(steps, dtype=np.float64), np.asarray(learning_rates, dtype=np.float64)
    horizon = check_integer("horizon", horizon, low=1)
    if horizon > MOST_STEPS:
        raise ValueError(
            f"its {horizon} steps are more than the {MOST_STEPS} that a bound of logged learning "
            "rates is computed for"
        )
    if at.size < 2:
        raise ValueError(f"{at.size} learning rates were logged, and a schedule needs 2")
    reach = 2 * float(np.median(np.diff(at)))
    if at[0] > reach or at[-1] < horizon - reach:
        raise ValueError(
            f"learning rates were logged from {at[0]:g} to {at[-1]:g}, not from 0 to {horizon}"
        )
    wanted = np.arange(horizon + 1.0)
    values = np.interp(wanted, at, lrs)
    for outside, (i, j) in ((wanted < at[0], (0, 1)), (wanted > at[-1], (-2, -1))):
        slope = (lrs[j] - lrs[i]) / (at[j] - at[i])
        line = lrs[i] + slope * (wanted[outside] - at[i])
        values[outside] = np.where(np.abs(line) <= ZERO_LR * lrs.max(), 0.0, line)
    schedule: FloatArray = np.maximum(values, 0.0)
    return schedule


def logged_bound(learning_rates: ArrayLike, D: float = 1.0, G: float = 1.0) -> BoundTerms:
    """Return Ω_T of a run's learning rates, as a function of their unit.

    Parameters
    ----------
    learning_rates : array, shape (T,)
        Of every step (`scheduled.analyses.logged_rates.rates_of_run`).
    D, G : float
        Distance ‖x_1 − x*‖ and bound on all gradient norms, both > 0.

    Returns
    -------
    BoundTerms
        At T, or at the last step before it with a positive learning rate.

    Raises
    ------
    ValueError
        If no learning rate is positive.

    Examples
    --------
    >>> logged_bound([0.5, 0.5])
    BoundTerms(distance=0.5, gradient=0.5)
    """
    distance = last_iterate_bound(learning_rates, 0.0, D)
    return BoundTerms(distance, last_iterate_bound(learning_rates, G, 0.0))


def matched_scale(terms: list[BoundTerms], lrs: ArrayLike, best_lrs: ArrayLike) -> float:
    """Return the κ at which, on geometric average, theory's best base LR is the given one.

    Theory's best base LR of a run is κ*γ/κ, with κ* = √(𝒯₁/𝒯₂) and γ the run's own.

    Parameters
    ----------
    terms : list of BoundTerms, length K
        𝒯₁ and 𝒯₂ of each run's logged learning rates.
    lrs, best_lrs : array, shape (K,)
        Its base LR, and the best one.

    Examples
    --------
    >>> matched_scale([BoundTerms(4.0, 1.0)], [0.1], [0.2])
    1.0
    """
    own = np.array([term.best_scale for term in terms])
    ratios = own * np.asarray(lrs, dtype=np.float64) / np.asarray(best_lrs, dtype=np.float64)
    return float(np.exp(np.log(ratios).mean()))
