"""The standard bound for the best or the average iterate, which knows no order of the steps.

    Ω^std_T = [ D² + Σ_{t≤T} η_t² G_t² ] / (2 Σ_{t≤T} η_t)

It is finite as soon as one step is positive: a step of zero length changes nothing.

References
----------
.. [1] F. Schaipp et al., arXiv:2501.18965, the ablation with the standard bound.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.problem import check_problem, in_range
from scheduled.core.arguments import FloatArray, check_iterate, check_iterates
from scheduled.core.wide import Wide


def standard_bound(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float, T: int | None = None
) -> float:
    """Return Ω^std_T, the bound on the best or the average of the first T iterates.

    Parameters
    ----------
    schedule : array, shape (N,)
        Learning rates η_t >= 0, base LR multiplied in; index t-1 holds step t.
    grad_norms : float or array, shape (N,)
        Bounds G_t >= 0 on the (expected) subgradient norms.
    D : float
        Distance ‖x_1 − x*‖ >= 0.
    T : int, optional
        The iterate, in [1, N]; by default the last one with η_T > 0.

    Returns
    -------
    float
        In units of the function value.

    Raises
    ------
    ValueError
        If an argument is out of range, the first T steps are all 0, or Ω^std_T is beyond the range
        of a double.

    References
    ----------
    arXiv:2501.18965, the standard bound.

    Examples
    --------
    >>> standard_bound([1.0, 0.5, 0.5], grad_norms=1.0, D=1.0)
    0.625
    """
    distance, noise = standard_parts(schedule, grad_norms, D, T)
    return in_range("bound", distance + noise, D=D, grad_norms=grad_norms, schedule=schedule)


def standard_parts(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float, T: int | None = None
) -> tuple[Wide, Wide]:
    """Return the two terms of Ω^std_T, at any scale.

    Examples
    --------
    >>> distance, noise = standard_parts([1.0, 0.5, 0.5], grad_norms=1.0, D=1.0)
    >>> float(distance.value()), float(noise.value())
    (0.25, 0.375)
    """
    lrs, squares, D = check_problem(schedule, grad_norms, D)
    T = check_iterate(T, lrs)
    if not lrs[:T].any():
        positive = np.flatnonzero(lrs)
        use = f"use T={positive[0] + 1} or later" if positive.size else "no step is positive"
        raise ValueError(f"T={T} has no positive LR up to it, so Ω^std_T is infinite: {use}")
    twice = 2 * Wide(lrs[:T]).sum()
    return Wide(D) * D / twice, squares[:T].sum() / twice


def standard_terms(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float, T: int | None = None
) -> tuple[float, float]:
    """Return the two terms of Ω^std_T, which are the first two of Ω_T as well.

    Parameters
    ----------
    schedule, grad_norms, D, T
        As in `standard_bound`.

    Returns
    -------
    distance : float
        D²/(2 S_T).
    noise : float
        Σ_{t≤T} η_t² G_t² / (2 S_T).

    Raises
    ------
    ValueError
        As in `standard_bound`.

    References
    ----------
    arXiv:2501.18965, the standard bound.

    Examples
    --------
    >>> standard_terms([1.0, 0.5, 0.5], grad_norms=1.0, D=1.0)
    (0.25, 0.375)
    """
    distance, noise = standard_parts(schedule, grad_norms, D, T)
    return float(distance.value()), float(noise.value())


def standard_curve(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float, at: ArrayLike | None = None
) -> FloatArray:
    """Return Ω^std_t for every iterate t of a schedule, or for those in `at`, in O(N).

    Parameters
    ----------
    schedule, grad_norms, D
        As in `standard_bound`.
    at : array of int, shape (K,), optional
        Iterates in [1, N].

    Returns
    -------
    array, shape (N,) or (K,)
        Entry t-1 is Ω^std_t, or entry i is that of at[i]; inf before the first positive step
        or above the largest double.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    arXiv:2501.18965, the standard bound.

    Examples
    --------
    >>> standard_curve([0.0, 1.0, 0.5, 0.5], grad_norms=1.0, D=1.0)
    array([  inf, 1.   , 0.75 , 0.625])
    """
    lrs, squares, D = check_problem(schedule, grad_norms, D)
    numerators, totals = Wide(D) * D + squares.cumulative_sum(), 2 * Wide(lrs).cumulative_sum()
    curve, moved = np.full(lrs.size, np.inf), totals.mantissa > 0
    curve[moved] = (numerators[moved] / totals[moved]).value()
    return curve if at is None else curve[check_iterates(at, lrs.size) - 1]
