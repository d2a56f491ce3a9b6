"""The worst case at one or many iterates, and the base LR for which it is least."""

from __future__ import annotations

import math
import warnings

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.exact.certificate import TOLERANCE
from scheduled.bounds.exact.one_pass import choose_pass, constant_value
from scheduled.bounds.exact.problem import scale
from scheduled.bounds.exact.solver import solve, tune
from scheduled.bounds.problem import in_range
from scheduled.bounds.tuning import TunableSchedule
from scheduled.core.arguments import (
    FloatArray,
    check_grad_norms,
    check_iterate,
    check_iterates,
    check_number,
    check_schedule,
)
from scheduled.core.wide import Wide


def exact_bound(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float, T: int | None = None
) -> float:
    """Return the largest f(x_T) − f* of the subgradient method, over all convex functions.

    Constant norms cost one pass over the steps, others about 10, or a few dozen where norms differ
    by orders of magnitude (see `scheduled.bounds.exact`, which has the theorem and its proof).

    Parameters
    ----------
    schedule : array, shape (N,)
        Learning rates η_t >= 0, base LR multiplied in; index t-1 holds step t.
    grad_norms : float or array, shape (N,)
        Bounds G_t >= 0 on the (expected) subgradient norms; G_T is that of x_T itself. Those > 0
        must lie within a factor of 1e290 of each other.
    D : float
        Distance ‖x_1 − x*‖ >= 0.
    T : int, optional
        The iterate, in [1, N]; by default the last one with η_T > 0, as for Ω_T. But here η_T has
        no influence, and an iterate with η_T = 0 may be asked for.

    Returns
    -------
    float
        In units of the function value; the relative error is about 1e-15.

    Raises
    ------
    ValueError
        If an argument is out of range, or the worst case beyond the range of a double.

    Warns
    -----
    RuntimeWarning
        If the value, an upper bound, is not certified to `TOLERANCE` (see `exact_worst_case`).

    References
    ----------
    arXiv:2307.11134 for the method of proof; `scheduled.bounds.exact` has it.

    Examples
    --------
    The minimax bound D G/√T is reached by linear decay, h_k = γ (T − k) with γ = D / (G T^{3/2}):

    >>> steps = np.arange(3, -1, -1) / 4**1.5
    >>> round(exact_bound(steps, grad_norms=1.0, D=1.0, T=4), 14)
    0.5
    """
    lrs = check_schedule(schedule)
    return float(exact_curve(lrs, grad_norms, D, [check_iterate(T, lrs)])[0])


def exact_curve(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float, at: ArrayLike | None = None
) -> FloatArray:
    """Return the worst case of `exact_bound` for every iterate t of a schedule, or those in `at`.

    Parameters
    ----------
    schedule, grad_norms, D
        As in `exact_bound`.
    at : array of int, shape (K,), optional
        Iterates in [1, N]. They share nothing: each costs O(t), and the whole curve O(N²).

    Returns
    -------
    array, shape (N,) or (K,)
        Entry t-1 is the worst case at iterate t, or entry i is that at at[i].

    Raises
    ------
    ValueError
        As in `exact_bound`.

    Warns
    -----
    RuntimeWarning
        As in `exact_bound`, once.

    Examples
    --------
    >>> exact_curve([0.0, 1.0, 1.0, 0.0], grad_norms=1.0, D=1.0).round(6)
    array([1.   , 1.   , 1.125, 1.205])
    """
    lrs = check_schedule(schedule)
    norms = check_grad_norms(grad_norms, lrs.size)
    D = check_number("D", D)
    iterates = np.arange(1, lrs.size + 1) if at is None else check_iterates(at, lrs.size)
    one_pass = choose_pass(int(iterates.sum()))
    values, gaps = np.zeros(iterates.size), np.zeros(iterates.size)
    for i, t in enumerate(iterates.tolist()):
        problem = scale(lrs, norms, D, t)
        if problem.constant:
            value = constant_value(problem, *one_pass(problem.steps))
        else:
            value, lower, _, _ = solve(problem)
            gaps[i] = value - lower if value == 0 else (value - lower) / value
        values[i] = problem.value(value, D=D, grad_norms=grad_norms)
    if (gaps > TOLERANCE).any():
        worst = int(np.argmax(gaps))
        warnings.warn(
            f"the worst case at T={iterates[worst]} is an upper bound, certified to "
            f"{gaps[worst]:.1e} only (relative, TOLERANCE={TOLERANCE:g})",
            RuntimeWarning,
            stacklevel=2,
        )
    return values


def exact_optimal_base(
    schedule: TunableSchedule,
    G: ArrayLike = 1.0,
    D: float = 1.0,
    T: int | None = None,
) -> tuple[float, float]:
    """Return the base LR with the least worst case at iterate T, and that worst case.

    Parameters
    ----------
    schedule : Schedule
        Its own base LR has no influence, and is left alone.
    G : float or array, shape (N,)
        Bounds G_t >= 0 on the (expected) subgradient norms.
    D : float
        Distance ‖x_1 − x*‖ > 0.
    T : int, optional
        The iterate, in [1, N]; by default the last one with η_T > 0.

    Returns
    -------
    base_lr : float
        γ*. It is 0.0 if no γ > 0 is best, but the worst case is the lower, the smaller γ is: some
        G_t is then so small that it is best to stay there.
    bound : float
        The worst case at γ*, or its limit D min_t G_t for γ → 0.

    Raises
    ------
    ValueError
        If an argument is out of range, the schedule has absolute LRs, x_T is x_1 or a minimiser
        whatever γ is, or a result is beyond the range of a double.

    References
    ----------
    arXiv:2501.18965 tunes Ω_T in this way.

    Examples
    --------
    >>> from scheduled import WSDSchedule
    >>> base_lr, bound = exact_optimal_base(WSDSchedule(4, cooldown_len=1.0), G=1.0, D=1.0, T=4)
    >>> round(base_lr, 12), round(bound, 12)
    (0.375, 0.5)
    >>> exact_optimal_base(WSDSchedule(4, cooldown_len=1.0), G=[1.0, 0.1, 1.0, 1.0], D=1.0, T=4)
    (0.0, 0.1)
    """
    if not schedule.scales_with_base_lr:
        raise ValueError(f"{schedule=} must have no absolute LR: γ would not scale it")
    lrs = check_schedule(schedule.multipliers)
    norms = check_grad_norms(G, lrs.size)
    D = check_number("D", D, above=True)
    T = check_iterate(T, lrs)
    problem = scale(lrs, norms, 0.0, T)
    moving = np.flatnonzero(lrs[: T - 1])
    if moving.size == 0:
        raise ValueError(f"T={T} must come after a positive LR: x_T is x_1 whatever γ is")
    if norms[T - 1] == 0 or norms[moving[-1]] == 0:
        raise ValueError(
            f"G={G!r} must be positive at T={T} and at the last positive step before it: else "
            "x_T is a minimiser, and no γ is best"
        )
    smallest = float(norms[[*moving, T - 1]].min())
    given = {"D": D, "G": G}
    if problem.constant and smallest > 0:
        a, excess = choose_pass(problem.steps.size)(problem.steps)
        norm = math.sqrt(problem.squares[-1])
        base_lr = Wide(D) / (2 * norm * math.sqrt(a) * math.sqrt(excess))
        bound = Wide(D) * (norm * math.sqrt(excess / a))
    else:
        x, cost = (math.inf, 0.0) if smallest == 0 else tune(problem)
        if x == math.inf:
            return 0.0, in_range("bound", Wide(D) * smallest, **given)
        base_lr = Wide(D) / (2 * math.sqrt(x) * math.sqrt(cost))
        bound = Wide(D) * math.sqrt(cost / x)
    shift = -problem.step_exponent - problem.norm_exponent
    return (
        in_range("base LR", base_lr * Wide(1.0, shift), **given),
        in_range("bound", bound * Wide(1.0, problem.norm_exponent), **given),
    )
