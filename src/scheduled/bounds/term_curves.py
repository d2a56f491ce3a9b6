"""The terms of the bounds for every iterate at once, and with them whole curves for many base LRs.

A base LR γ enters Ω_t(γ) = 𝒯₁(t)/γ + γ 𝒯₂(t) for every t in the same way, so the two curves 𝒯₁
and 𝒯₂, one causal Cauchy sum, give Ω_t for any number of base LRs, and the best one for every t.

The three terms of Ω_t need a Cauchy sum with other weights. With q_k = η_k² G_k², exchanging the
sums of the double sum gives, again without any cancellation,

    tail_t = [ q_t S_{t−1}/η_t + Σ_{k<t} q_k S_k/(S_t − S_k) ] / (2 S_t).

References
----------
.. [1] A. Defazio et al., arXiv:2310.07831, Theorem 10, for Ω_T.
.. [2] F. Schaipp et al., arXiv:2501.18965, on the optimal base learning rate.
"""

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.cauchy.sums import causal_cauchy_sums
from scheduled.bounds.dispatch import BoundType, get_bound
from scheduled.bounds.tuning import TunableSchedule
from scheduled.core.arguments import FloatArray, check_grad_norms, check_number, check_schedule
from scheduled.core.summation import cumulative_sum


def last_iterate_term_curves(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the three terms of Ω_t for every iterate t, at the cost of one curve.

    Parameters
    ----------
    schedule : array, shape (N,)
        Learning rates η_t >= 0, base LR multiplied in; index t-1 holds step t.
    grad_norms : float or array, shape (N,)
        Bounds G_t >= 0 on the (expected) subgradient norms.
    D : float
        Distance ‖x_1 − x*‖ >= 0.

    Returns
    -------
    distance, noise, tail : array, shape (N,)
        The terms of `scheduled.bounds.omega.last_iterate_terms`, which sum up to Ω_t, in
        units of the function value; all three inf where η_t = 0, where Ω_t is not finite.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    arXiv:2310.07831, Theorem 10; arXiv:2501.18965.

    Examples
    --------
    >>> last_iterate_term_curves([1.0, 1.0, 0.0, 1.0], grad_norms=1.0, D=3.0)
    (array([4.5 , 2.25,  inf, 1.5 ]), array([0.5, 0.5, inf, 0.5]), array([0.  , 0.5 ,  inf, 0.75]))
    """
    lrs = check_schedule(schedule)
    squares = (lrs * check_grad_norms(grad_norms, lrs.size)) ** 2
    D = check_number("D", D)
    distance, noise, tail = (np.full(lrs.size, np.inf) for _ in range(3))
    moving = lrs > 0
    lrs, squares = lrs[moving], squares[moving]
    if lrs.size:
        sums = cumulative_sum(lrs)
        distance[moving] = D * D / (2 * sums)
        noise[moving] = cumulative_sum(squares) / (2 * sums)
        pairs = causal_cauchy_sums(lrs, squares * sums)
        pairs[1:] += squares[1:] / lrs[1:] * sums[:-1]
        tail[moving] = pairs / (2 * sums)
    return distance, noise, tail


def base_lr_term_curves(
    schedule: TunableSchedule,
    grad_norms: ArrayLike = 1.0,
    D: float = 1.0,
    at: ArrayLike | None = None,
    type: BoundType = "refined",
) -> tuple[FloatArray, FloatArray]:
    """Return 𝒯₁ and 𝒯₂ for every iterate t, with Ω_t(γ) = 𝒯₁(t)/γ + γ𝒯₂(t).

    Parameters
    ----------
    schedule : Schedule
        Its base LR has no influence, and is left alone.
    grad_norms : float or array, shape (N,)
        Bounds G_t >= 0 on the (expected) subgradient norms.
    D : float
        Distance ‖x_1 − x*‖ >= 0.
    at : array of int, shape (K,), optional
        Iterates in [1, N]; by default all of them.
    type : {"refined", "standard"}
        The bound: last iterate, or best and average iterate.

    Returns
    -------
    distance_terms, gradient_terms : array, shape (N,) or (K,)
        inf where the bound is not finite for any γ.

    Raises
    ------
    ValueError
        If an argument is out of range, or the schedule has absolute LRs, with which the split
        does not hold.

    References
    ----------
    arXiv:2501.18965, on the optimal base learning rate.

    Examples
    --------
    >>> from scheduled import ConstantSchedule
    >>> base_lr_term_curves(ConstantSchedule(3), at=[1, 2])
    (array([0.5 , 0.25]), array([0.5, 1. ]))
    """
    if not schedule.scales_with_base_lr:
        raise ValueError(f"schedule={schedule!r} must have no absolute LR: Ω_t(γ) would not split")
    curve = get_bound(type).curve
    # Each term is what is left of the bound without the other: exact, in either bound.
    return (
        curve(schedule.multipliers, 0.0, D, at),
        curve(schedule.multipliers, grad_norms, 0.0, at),
    )


def sweep_base_lr_curves(
    schedule: TunableSchedule,
    base_lrs: ArrayLike,
    grad_norms: ArrayLike = 1.0,
    D: float = 1.0,
    at: ArrayLike | None = None,
    type: BoundType = "refined",
) -> FloatArray:
    """Return the bound at every iterate t for each of several base LRs, from one curve.

    Parameters
    ----------
    schedule, grad_norms, D, at, type
        As in `base_lr_term_curves`.
    base_lrs : array, shape (M,)
        Base learning rates γ > 0.

    Returns
    -------
    array, shape (M, N) or (M, K)
        Entry (i, t-1) is Ω_t(base_lrs[i]), or (i, j) is that at at[j]; inf where the bound is not
        finite.

    Raises
    ------
    ValueError
        As in `base_lr_term_curves`, or if a base LR is out of range.

    References
    ----------
    arXiv:2501.18965, on the optimal base learning rate.

    Examples
    --------
    >>> from scheduled import ConstantSchedule
    >>> sweep_base_lr_curves(ConstantSchedule(3), [0.5, 1.0], at=[1, 2])
    array([[1.25, 1.  ],
           [1.  , 1.25]])
    """
    array = np.asarray(base_lrs)
    if array.ndim != 1:
        raise ValueError(f"base_lrs={base_lrs!r} must have shape (M,)")
    gammas = np.array(
        [check_number(f"base_lrs[{i}]", x, above=True) for i, x in enumerate(array.tolist())]
    )
    distance_terms, gradient_terms = base_lr_term_curves(schedule, grad_norms, D, at, type)
    factors = gammas[:, None]
    return np.asarray(distance_terms / factors + gradient_terms * factors)


def compute_optimal_base_curve(
    schedule: TunableSchedule,
    G: ArrayLike = 1.0,
    D: float = 1.0,
    at: ArrayLike | None = None,
    type: BoundType = "refined",
) -> tuple[FloatArray, FloatArray]:
    """Return, for every iterate t, the base LR that minimises the bound there, and the bound.

    Parameters
    ----------
    schedule, D, at, type
        As in `base_lr_term_curves`, but D > 0.
    G : float or array, shape (N,)
        Bounds G_t >= 0 on the (expected) subgradient norms.

    Returns
    -------
    base_lrs, bounds : array, shape (N,) or (K,)
        γ*(t) = √(𝒯₁/𝒯₂) and Ω_t(γ*) = 2√(𝒯₁𝒯₂). Where the bound is not finite for any γ, nan and
        inf; where G is 0 up to t, inf and 0.

    Raises
    ------
    ValueError
        As in `base_lr_term_curves`.

    References
    ----------
    arXiv:2501.18965, on the optimal base learning rate.

    Examples
    --------
    >>> from scheduled import ConstantSchedule
    >>> compute_optimal_base_curve(ConstantSchedule(3), at=[1, 2])
    (array([1. , 0.5]), array([1., 1.]))
    """
    D = check_number("D", D, above=True)
    left, right = (np.sqrt(terms) for terms in base_lr_term_curves(schedule, G, D, at, type))
    with np.errstate(divide="ignore", invalid="ignore"):
        return left / right, 2 * left * right
