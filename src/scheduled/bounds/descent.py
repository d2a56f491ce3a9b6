"""The descent from a constant schedule to one that minimises a bound.

The minimum itself has a closed form (`scheduled.bounds.optimal`); the paper shows the way there.

References
----------
.. [1] F. Schaipp et al., arXiv:2501.18965, where Ω_T is minimised numerically.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.exact.certificate import exact_worst_case
from scheduled.bounds.gradient import omega_gradient
from scheduled.bounds.omega import last_iterate_parts
from scheduled.bounds.optimal import OptimizedBound, check_minimum, least_bound
from scheduled.bounds.problem import in_range
from scheduled.core.arguments import FloatArray, IntArray, check_integer, check_number
from scheduled.core.wide import Wide, without_exponent

# A search for log η stays within these distances of its start: beyond lie overflows.
LOG_FALL, LOG_RISE = 60.0, 30.0
# Relative change of the bound by a relative change of any one LR, below which it has converged.
CONVERGED = 1e-7
# Where the descent ends. The bound changes by the square of such a gradient: below 1e-9 that is
# lost in rounding, which would decide how many steps there are.
DESCENT_END = CONVERGED / 10
# Part of the minimum, known in closed form, by which the bound exceeds it when it has converged.
CLOSE = 1e-9
RESTARTS = 20
HALVINGS = 100

Objective: TypeAlias = Callable[[FloatArray], tuple[float, FloatArray]]


@dataclass(frozen=True)
class OptimizedSchedule:
    """The result of `minimize_bound`: what was found, and the way to it.

    Attributes
    ----------
    schedule : array, shape (T+1,)
        The learning rates of N = T + 1 steps; those after x_T are 0.
    bound : float
        The bound at iterate T.
    bounds : array, shape (K+1,)
        The bound of the start, and after each of the K optimisation steps.
    snapshot_steps : array of int, shape (M,)
        Optimisation steps from 0 to K, both included, denser at the start.
    snapshots : array, shape (M, T+1)
        The schedule after each of them.
    converged : bool
        Whether the bound is at most 1e-9 of it above the minimum, which has a closed form, and no
        change of a single LR by a factor 1 + ε changes it by more than a factor 1 + 1e-7·ε.
        The second alone says nothing of an LR near 0.
    """

    schedule: FloatArray
    bound: float
    bounds: FloatArray
    snapshot_steps: IntArray
    snapshots: FloatArray
    converged: bool


def minimize_bound(
    T: int,
    grad_norms: ArrayLike = 1.0,
    D: float = 1.0,
    type: OptimizedBound = "refined",
    start: float | None = None,
    snapshots: int = 100,
    max_steps: int = 5000,
) -> OptimizedSchedule:
    """Minimise a bound over all schedules by descent, and return the way there.

    L-BFGS runs on the logarithm of the bound over the logarithms of the learning rates: scaling D,
    G or η then only shifts the problem, and the best LRs, proportional to the steps left, are
    equally well in reach. An LR that a long step has thrown near 0 would stay there, for it changes
    by factors: a step of steepest descent over the learning rates themselves, in which the bound is
    convex, lifts it before L-BFGS goes on. The minimum has a closed form, see `optimal_schedule`.

    Parameters
    ----------
    T, grad_norms, D, type
        As in `scheduled.bounds.optimal.optimal_schedule`.
    start : float, optional
        The constant learning rate to start from, > 0; by default the best one, as to Ω_T.
    snapshots : int
        How many schedules of the way to keep at most, >= 2.
    max_steps : int
        Optimisation steps at most, >= 1.

    Returns
    -------
    OptimizedSchedule

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    arXiv:2501.18965, the schedule found by minimising Ω_T for T = 100.

    Examples
    --------
    >>> from scheduled import optimal_schedule
    >>> found = minimize_bound(100)
    >>> found.converged, abs(found.bound / optimal_schedule(100)[1] - 1) < 1e-12
    (True, True)
    """
    norms, D, type = check_minimum(T, grad_norms, D, type)
    snapshots = check_integer("snapshots", snapshots, low=2)
    max_steps = check_integer("max_steps", max_steps, low=1)
    if start is not None:
        start = check_number("start", start, above=True)
    # At the scale of 1: η goes with D/G, and the bound with D G.
    norms, norm_exponent = without_exponent(norms)
    mantissa, D_exponent = math.frexp(D)
    D, D_exponent = 2 * mantissa, D_exponent - 1
    lr_exponent, bound_exponent = D_exponent - norm_exponent, D_exponent + norm_exponent
    if start is None:
        start = _best_constant(norms, D)
    else:
        start = in_range("scaled start", Wide(start, -lr_exponent), start=start, D=D)
    objective = (_omega_objective if type == "refined" else _exact_objective)(norms, D)
    count = T if type == "refined" else T - 1  # the exact worst case does not depend on η_T
    path, values, converged = _descend(
        objective, np.full(count, math.log(start)), max_steps, least_bound(norms, D, type).log()
    )
    kept = _snapshot_steps(len(path) - 1, snapshots)
    schedules = np.zeros((kept.size, T + 1))
    schedules[:, :count] = np.exp(np.array([path[i] for i in kept]))
    given = {"D": D * 2.0**D_exponent, "grad_norms": grad_norms}
    in_range("learning rate", Wide(start, lr_exponent), **given)
    bound = in_range("bound", Wide(np.exp(values[-1]), bound_exponent), **given)
    schedules = np.ldexp(schedules, lr_exponent)
    bounds = np.ldexp(np.exp(values), bound_exponent)
    return OptimizedSchedule(schedules[-1].copy(), bound, bounds, kept, schedules, converged)


def _omega_objective(norms: FloatArray, D: float) -> Objective:
    """Return ln Ω_T and its gradient as a function of ln η."""

    def objective(log_lrs: FloatArray) -> tuple[float, FloatArray]:
        lrs = np.exp(log_lrs)
        value, gradient = omega_gradient(lrs, norms, D)
        return value.log(), (lrs * gradient / value).value()

    return objective


def _exact_objective(norms: FloatArray, D: float) -> Objective:
    """Return the logarithm of the exact worst case and its gradient as a function of ln η."""

    def objective(log_lrs: FloatArray) -> tuple[float, FloatArray]:
        lrs = np.exp(log_lrs)
        worst = exact_worst_case(np.append(lrs, 0.0), norms, D, norms.size)
        return math.log(worst.value), lrs * worst.gradient[:-1] / worst.value

    return objective


def _best_constant(norms: FloatArray, D: float) -> float:
    """Return the constant LR with the least Ω_T = 𝒯₁/γ + γ𝒯₂."""
    distance_term, gradient_term = last_iterate_parts(np.ones(norms.size), norms, D)
    return math.sqrt(float((distance_term / gradient_term).value()))


def _descend(
    objective: Objective, start: FloatArray, max_steps: int, least: float
) -> tuple[list[FloatArray], list[float], bool]:
    """Return the points and values on the way to a minimum, and whether it has been reached."""
    from scipy.optimize import minimize

    path, values = [start], [objective(start)[0]]

    def record(intermediate_result: Any) -> None:
        path.append(intermediate_result.x.copy())
        values.append(float(intermediate_result.fun))

    def flat() -> bool:
        return bool(np.abs(objective(path[-1])[1]).max(initial=0.0) <= CONVERGED)

    bounds = [(x - LOG_FALL, x + LOG_RISE) for x in start.tolist()]
    for _ in range(RESTARTS):
        # A restart forgets the curvature seen far off; the first one is rarely needed.
        close = values[-1] <= least + CLOSE
        if (close and flat()) or len(path) > max_steps:
            break
        if not close and len(path) > 1:
            path.append(_lift(objective, path[-1]))
            values.append(objective(path[-1])[0])
        minimize(
            objective,
            path[-1],
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            callback=record,
            options={
                "maxiter": max_steps - (len(path) - 1),
                "maxcor": 30,
                "ftol": 0.0,
                "gtol": DESCENT_END,
            },
        )
    return path, values, values[-1] <= least + CLOSE and flat()


def _lift(objective: Objective, log_lrs: FloatArray) -> FloatArray:
    """Return ln η after a step that raises those η that are too small.

    The step is along the steepest descent or, where that is no better, along η itself: with all η
    near 0 the exact worst case is positively homogeneous in them, and the slopes at one η say
    nothing of another direction. Its length is the longest of 2^-k after which half of it is no
    better, in units of Σ η or of T, as the best Σ η is at most of that order at the scale of 1.
    """
    lrs = np.exp(log_lrs)
    value, slopes = objective(log_lrs)
    for direction in (np.maximum(-slopes / lrs, 0.0), lrs):
        if not direction.any():
            continue
        unit = direction * (max(lrs.sum(), lrs.size) / direction.sum())
        best = log_lrs
        for halvings in range(HALVINGS):
            point = np.log(lrs + math.ldexp(1.0, -halvings) * unit)
            new = objective(point)[0]
            if new < value:
                best, value = point, new
            elif best is not log_lrs:
                break
        if best is not log_lrs:
            return best
    return log_lrs


def _snapshot_steps(last: int, count: int) -> IntArray:
    """Return at most `count` of the steps 0 … last, both ends included, denser at the start."""
    if last < count:
        return np.arange(last + 1)
    spaced = np.rint(last * np.linspace(0.0, 1.0, count) ** 2).astype(np.int64)
    return np.unique(spaced)
