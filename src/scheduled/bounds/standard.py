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

from scheduled.core.arguments import (
    FloatArray,
    check_iterate,
    check_iterates,
    check_problem,
)
from scheduled.core.summation import cumulative_sum


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
        If an argument is out of range, or the first T steps are all 0.

    References
    ----------
    arXiv:2501.18965, the standard bound.

    Examples
    --------
    >>> standard_bound([1.0, 0.5, 0.5], grad_norms=1.0, D=1.0)
    0.625
    """
    distance, noise = standard_terms(schedule, grad_norms, D, T)
    return distance + noise


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
    lrs, squares, D = check_problem(schedule, grad_norms, D)
    T = check_iterate(T, lrs)
    total = float(lrs[:T].sum())
    if total == 0:
        positive = np.flatnonzero(lrs)
        use = f"use T={positive[0] + 1} or later" if positive.size else "no step is positive"
        raise ValueError(f"T={T} has no positive LR up to it, so Ω^std_T is infinite: {use}")
    return D * D / (2 * total), float(squares[:T].sum()) / (2 * total)


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
        Entry t-1 is Ω^std_t, or entry i is that of at[i]; inf before the first positive step.

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
    numerators, totals = D * D + cumulative_sum(squares), 2 * cumulative_sum(lrs)
    curve = np.full(lrs.size, np.inf)
    np.divide(numerators, totals, out=curve, where=totals > 0)
    return curve if at is None else curve[check_iterates(at, lrs.size) - 1]
