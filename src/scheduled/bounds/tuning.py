"""The base learning rate: its optimum, and sweeps over it.

A base LR γ multiplies every step, and with η the schedule at base LR 1 both bounds split into

    Ω_T(γ) = 𝒯₁/γ + γ 𝒯₂,   𝒯₁ = D²/(2 S_T),   𝒯₂ = the rest of Ω_T at γ = 1.

So γ* = √(𝒯₁/𝒯₂) and Ω_T(γ*) = 2√(𝒯₁𝒯₂), and a sweep needs two numbers; the two curves 𝒯₁(t) and
𝒯₂(t) give Ω_t for any number of base LRs, and the best one for every t. This holds as long as the
whole schedule scales with the base LR. With an absolute warm-up or final LR it does not: then a
sweep evaluates the bound at every γ, and γ* is found numerically.

References
----------
.. [1] F. Schaipp et al., arXiv:2501.18965, on the optimal base learning rate.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.dispatch import BoundType, get_bound
from scheduled.core.arguments import FloatArray, check_number
from scheduled.core.rounding import SUM_ROUNDING, first_least

# The scan of γ with absolute LRs: grid points a factor of two; the bound must have risen that
# far above its minimum before the scan stops; and no more than that many factors of two.
SCAN_POINTS = 4
SCAN_RISE = 10.0
SCAN_OCTAVES = 200


Value = TypeVar("Value")


class TunableSchedule(Protocol):
    """What tuning asks of a schedule; see `scheduled.schedules.base.Schedule` for the meaning."""

    @property
    def schedule(self) -> FloatArray: ...
    @property
    def multipliers(self) -> FloatArray: ...
    @property
    def min_base_lr(self) -> float: ...
    @property
    def scales_with_base_lr(self) -> bool: ...
    def set_base_lr(self, base_lr: float) -> None: ...


def base_lr_terms(
    schedule: TunableSchedule,
    grad_norms: ArrayLike = 1.0,
    D: float = 1.0,
    T: int | None = None,
    type: BoundType = "refined",
) -> tuple[float, float]:
    """Return 𝒯₁ and 𝒯₂, with Ω_T(γ) = 𝒯₁/γ + γ𝒯₂.

    Parameters
    ----------
    schedule : Schedule
        Its base LR has no influence, and is left alone.
    grad_norms : float or array, shape (N,)
        Bounds G_t >= 0 on the (expected) subgradient norms.
    D : float
        Distance ‖x_1 − x*‖ >= 0.
    T : int, optional
        The iterate, in [1, N]; by default the last one with a positive LR.
    type : {"refined", "standard"}
        The bound: last iterate, or best and average iterate.

    Returns
    -------
    distance_term, gradient_term : float

    Raises
    ------
    ValueError
        If an argument is out of range, the bound is not finite at T, or the schedule has
        absolute LRs, with which the split does not hold.

    References
    ----------
    arXiv:2501.18965, on the optimal base learning rate.

    Examples
    --------
    >>> from scheduled import ConstantSchedule
    >>> base_lr_terms(ConstantSchedule(3), T=2)
    (0.25, 1.0)
    """
    return _split(get_bound(type).value, schedule, grad_norms, D, T)


def compute_optimal_base(
    schedule: TunableSchedule,
    G: ArrayLike = 1.0,
    D: float = 1.0,
    T: int | None = None,
    type: BoundType = "refined",
) -> tuple[float, float]:
    """Return the base LR γ* that minimises the bound at iterate T, and the bound there.

    With absolute LRs, the minimum is sought among the legal γ, those not below any absolute LR:
    a scan over log γ upwards from there, until the bound has risen tenfold, and Brent's method
    around the best point. That gives γ* to about 1e-7, and the bound to rounding.

    Parameters
    ----------
    schedule : Schedule
        Its base LR has no influence, and is left alone.
    G : float or array, shape (N,)
        Bounds G_t >= 0 on the (expected) subgradient norms.
    D : float
        Distance ‖x_1 − x*‖ > 0.
    T : int, optional
        The iterate, in [1, N]; by default the last one with a positive LR.
    type : {"refined", "standard"}
        The bound: last iterate, or best and average iterate.

    Returns
    -------
    base_lr, bound : float

    Raises
    ------
    ValueError
        If an argument is out of range, the bound is not finite at T, or no finite γ is best (the
        gradient norms are 0 wherever the schedule scales with γ).

    References
    ----------
    arXiv:2501.18965, on the optimal base learning rate.

    Examples
    --------
    >>> from scheduled import ConstantSchedule
    >>> compute_optimal_base(ConstantSchedule(3), T=2)
    (0.5, 1.0)
    """
    D = check_number("D", D, above=True)
    if not schedule.scales_with_base_lr:
        return _scan_base_lr(schedule, G, D, T, type)
    distance_term, gradient_term = base_lr_terms(schedule, G, D, T, type)
    if gradient_term == 0:
        raise ValueError(f"G={G!r} must be positive at some step up to T, or γ* is infinite")
    # Roots apart: neither the quotient nor the product of extreme terms has to be representable.
    left, right = math.sqrt(distance_term), math.sqrt(gradient_term)
    return left / right, 2 * left * right


def sweep_base_lr(
    schedule: TunableSchedule,
    base_lrs: ArrayLike,
    grad_norms: ArrayLike = 1.0,
    D: float = 1.0,
    T: int | None = None,
    type: BoundType = "refined",
) -> FloatArray:
    """Return the bound at iterate T for each of several base LRs.

    Parameters
    ----------
    schedule : Schedule
        Its base LR has no influence, and is left alone.
    base_lrs : array, shape (K,)
        Base learning rates γ > 0, none below an absolute LR of the schedule.
    grad_norms, D, T, type
        As in `base_lr_terms`.

    Returns
    -------
    array, shape (K,)
        Entry i is Ω_T(base_lrs[i]). The bound is evaluated twice altogether, or, with absolute
        LRs, once for each base LR.

    Raises
    ------
    ValueError
        If an argument is out of range, or the bound is not finite at T.

    References
    ----------
    arXiv:2501.18965, on the optimal base learning rate.

    Examples
    --------
    >>> from scheduled import ConstantSchedule
    >>> sweep_base_lr(ConstantSchedule(3), [0.25, 0.5, 1.0], T=2)
    array([1.25, 1.  , 1.25])
    """
    gammas = _check_base_lrs(base_lrs)
    if not schedule.scales_with_base_lr:
        values = [_bound_at(schedule, g, grad_norms, D, T, type) for g in gammas.tolist()]
        return np.array(values)
    distance_term, gradient_term = base_lr_terms(schedule, grad_norms, D, T, type)
    return distance_term / gammas + gradient_term * gammas


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
    schedule, grad_norms, D, type
        As in `base_lr_terms`.
    at : array of int, shape (M,), optional
        Iterates in [1, N]; by default all of them.

    Returns
    -------
    distance_terms, gradient_terms : array, shape (N,) or (M,)
        inf where the bound is not finite for any γ.

    Raises
    ------
    ValueError
        If an argument is out of range, or the schedule has absolute LRs, with which the split
        does not hold.

    Examples
    --------
    >>> from scheduled import ConstantSchedule
    >>> base_lr_term_curves(ConstantSchedule(3), at=[1, 2])
    (array([0.5 , 0.25]), array([0.5, 1. ]))
    """
    return _split(get_bound(type).curve, schedule, grad_norms, D, at)


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
    base_lrs : array, shape (K,)
        Base learning rates γ > 0.

    Returns
    -------
    array, shape (K, N) or (K, M), M iterates in `at`
        Entry (i, t-1) is Ω_t(base_lrs[i]), or (i, j) is that at at[j]; inf where the bound is not
        finite.

    Raises
    ------
    ValueError
        As in `base_lr_term_curves`, or if a base LR is out of range.

    Examples
    --------
    >>> from scheduled import ConstantSchedule
    >>> sweep_base_lr_curves(ConstantSchedule(3), [0.5, 1.0], at=[1, 2])
    array([[1.25, 1.  ],
           [1.  , 1.25]])
    """
    gammas = _check_base_lrs(base_lrs)[:, None]
    distance_terms, gradient_terms = base_lr_term_curves(schedule, grad_norms, D, at, type)
    return np.asarray(distance_terms / gammas + gradient_terms * gammas)


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
    base_lrs, bounds : array, shape (N,) or (M,)
        γ*(t) = √(𝒯₁/𝒯₂) and Ω_t(γ*) = 2√(𝒯₁𝒯₂). Where the bound is not finite for any γ, nan and
        inf; where G is 0 up to t, inf and 0.

    Raises
    ------
    ValueError
        As in `base_lr_term_curves`.

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


def _split(
    bound: Callable[[ArrayLike, ArrayLike, float, Any], Value],
    schedule: TunableSchedule,
    grad_norms: ArrayLike,
    D: float,
    where: Any,
) -> tuple[Value, Value]:
    """Return 𝒯₁ and 𝒯₂ of a bound, as a value at T or as a curve."""
    if not schedule.scales_with_base_lr:
        raise ValueError(f"schedule={schedule!r} must have no absolute LR: Ω(γ) would not split")
    # Each term is what is left of the bound without the other: exact, in either bound.
    return (
        bound(schedule.multipliers, 0.0, D, where),
        bound(schedule.multipliers, grad_norms, 0.0, where),
    )


def _check_base_lrs(base_lrs: ArrayLike) -> FloatArray:
    array = np.asarray(base_lrs)
    if array.ndim != 1:
        raise ValueError(f"base_lrs={base_lrs!r} must have shape (K,)")
    checked = [check_number(f"base_lrs[{i}]", x, above=True) for i, x in enumerate(array.tolist())]
    return np.array(checked)


def _bound_at(
    schedule: TunableSchedule,
    base_lr: float,
    grad_norms: ArrayLike,
    D: float,
    T: int | None,
    type: BoundType,
) -> float:
    """Return the bound of a copy of the schedule that has the given base LR."""
    trial = copy.copy(schedule)
    trial.set_base_lr(base_lr)
    return get_bound(type).value(trial.schedule, grad_norms, D, T)


def _scan_base_lr(
    schedule: TunableSchedule, G: ArrayLike, D: float, T: int | None, type: BoundType
) -> tuple[float, float]:
    """Minimise the bound over the legal base LRs of a schedule with absolute LRs."""
    from scipy.optimize import minimize_scalar

    def log_bound(log_base_lr: float) -> float:
        # exp(log γ) may fall below the smallest legal γ by a rounding error.
        base_lr = max(math.exp(log_base_lr), schedule.min_base_lr)
        return math.log(_bound_at(schedule, base_lr, G, D, T, type))

    grid = math.log(schedule.min_base_lr) + math.log(2.0) / SCAN_POINTS * np.arange(
        SCAN_POINTS * SCAN_OCTAVES
    )
    values: list[float] = []
    # Both bounds are convex in γ: where exactly the scan stops has no influence on the minimum.
    for point in grid:
        values.append(log_bound(point))
        if values[-1] > min(values) + math.log(SCAN_RISE):
            break
    else:
        raise ValueError(
            f"G={G!r} gives a bound with no minimum over the base LR: G must be positive at some "
            "step that scales with it"
        )
    best = first_least(values, 1.0, SUM_ROUNDING)
    bracket = (grid[max(best - 1, 0)], grid[best + 1])
    found = minimize_scalar(log_bound, bounds=bracket, method="bounded", options={"xatol": 1e-10})
    # The search never evaluates the ends of the bracket, and the lowest legal γ may be the best.
    if best == 0 and values[0] <= float(found.fun) + SUM_ROUNDING:
        return schedule.min_base_lr, math.exp(values[0])
    return max(math.exp(float(found.x)), schedule.min_base_lr), math.exp(float(found.fun))
