"""The base learning rate: its optimum, and sweeps over it.

A base LR γ multiplies every step, and with η the schedule at base LR 1 both bounds split into

    Ω_T(γ) = 𝒯₁/γ + γ 𝒯₂,   𝒯₁ = D²/(2 S_T),   𝒯₂ = the rest of Ω_T at γ = 1.

So γ* = √(𝒯₁/𝒯₂) and Ω_T(γ*) = 2√(𝒯₁𝒯₂), and a sweep needs two numbers. This holds as long as
the whole schedule scales with the base LR. With an absolute warm-up or final LR it does not: then
a sweep evaluates the bound at every γ, and γ* is found numerically.

References
----------
.. [1] F. Schaipp et al., arXiv:2501.18965, on the optimal base learning rate.
"""

from __future__ import annotations

import copy
import functools
import math
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.dispatch import BoundType, get_bound
from scheduled.bounds.problem import in_range
from scheduled.core.arguments import FloatArray, check_number, refuse_mask
from scheduled.core.rounding import SUM_ROUNDING, first_least
from scheduled.core.wide import Wide

# The scan of γ with absolute LRs: grid points a factor of two, and every how many of them are
# looked at first, and then around the best one.
SCAN_POINTS = 4
SCAN_STRIDES = (256, 16, 1)


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
    distance_term, gradient_term = _split(schedule, grad_norms, D, T, type)
    return float(distance_term.value()), float(gradient_term.value())


def compute_optimal_base(
    schedule: TunableSchedule,
    G: ArrayLike = 1.0,
    D: float = 1.0,
    T: int | None = None,
    type: BoundType = "refined",
) -> tuple[float, float]:
    """Return the base LR γ* that minimises the bound at iterate T, and the bound there.

    With absolute LRs, the minimum is sought among the legal γ, those not below any absolute LR:
    ever closer points of a grid over log γ, for the bound is convex in γ, and Brent's method around
    the best one. That gives γ* to about 1e-7, and the bound to rounding.

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
        If an argument is out of range, the bound is not finite at T, no finite γ is best (the
        gradient norms are 0 wherever the schedule scales with γ), or γ* or the bound is beyond the
        range of a double.

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
    left, right = (term.sqrt() for term in _split(schedule, G, D, T, type))
    if right.mantissa == 0:
        raise ValueError(f"G={G!r} must be positive at some step up to T, or γ* is infinite")
    given = {"D": D, "G": G, "schedule": schedule.multipliers}
    return in_range("γ*", left / right, **given), in_range("bound", 2 * left * right, **given)


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
        Entry i is Ω_T(base_lrs[i]), inf above the largest double. The bound is evaluated once, or,
        with absolute LRs, once for each base LR.

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
        bounds = [_bound_at(schedule, g, grad_norms, D, T, type) for g in gammas.tolist()]
        return np.array([float(bound.value()) for bound in bounds])
    distance_term, gradient_term = _split(schedule, grad_norms, D, T, type)
    return (distance_term / gammas + gradient_term * gammas).value()


def _split(
    schedule: TunableSchedule, grad_norms: ArrayLike, D: float, T: int | None, type: BoundType
) -> tuple[Wide, Wide]:
    """Return 𝒯₁ and 𝒯₂, at any scale."""
    if not schedule.scales_with_base_lr:
        raise ValueError(f"schedule={schedule!r} must have no absolute LR: Ω(γ) would not split")
    return get_bound(type).parts(schedule.multipliers, grad_norms, D, T)


def _check_base_lrs(base_lrs: ArrayLike) -> FloatArray:
    refuse_mask("base_lrs", base_lrs)
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
) -> Wide:
    """Return the bound of a copy of the schedule that has the given base LR."""
    trial = copy.copy(schedule)
    trial.set_base_lr(base_lr)
    distance, rest = get_bound(type).parts(trial.schedule, grad_norms, D, T)
    return distance + rest


def _scan_base_lr(
    schedule: TunableSchedule, G: ArrayLike, D: float, T: int | None, type: BoundType
) -> tuple[float, float]:
    """Minimise the bound over the legal base LRs of a schedule with absolute LRs."""
    from scipy.optimize import minimize_scalar

    least = schedule.min_base_lr

    def legal(log_base_lr: float) -> float:
        # exp(log γ) may fall below the smallest legal γ by a rounding error.
        return max(math.exp(log_base_lr), least)

    @functools.cache
    def log_bound(log_base_lr: float) -> float:
        return _bound_at(schedule, legal(log_base_lr), G, D, T, type).log()

    # Up to where the learning rates are doubles, and their sums.
    octaves = 980 - math.frexp(least)[1] - math.frexp(schedule.multipliers.max())[1]
    grid = math.log(least) + math.log(2.0) / SCAN_POINTS * np.arange(SCAN_POINTS * octaves + 1)
    # Both bounds are convex in γ, so that a few points far apart say where the minimum lies.
    low, high = 0, grid.size - 1
    for stride in SCAN_STRIDES:
        points = np.append(np.arange(low, high, stride), high)
        best = int(points[first_least(list(map(log_bound, grid[points])), 1.0, SUM_ROUNDING)])
        low, high = max(best - stride, 0), min(best + stride, grid.size - 1)
    if best == grid.size - 1:
        raise ValueError(
            f"G={G!r} gives a bound with no minimum over the base LR: G must be positive at some "
            "step that scales with it"
        )
    bracket = (grid[max(best - 1, 0)], grid[best + 1])
    found = minimize_scalar(log_bound, bounds=bracket, method="bounded", options={"xatol": 1e-10})
    base_lr = legal(float(found.x))
    # The search never evaluates the ends of the bracket, and the lowest legal γ may be the best.
    if best == 0 and log_bound(grid[0]) <= float(found.fun) + SUM_ROUNDING:
        base_lr = least
    bound = _bound_at(schedule, base_lr, G, D, T, type)
    return base_lr, in_range("bound", bound, D=D, G=G)
