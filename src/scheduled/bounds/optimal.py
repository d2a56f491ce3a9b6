"""The schedule that minimises a bound: in closed form, and by descent from a constant one.

Both bounds are minimised over all η >= 0, for any gradient norms G_t > 0; base LRs need no tuning,
for the scale of η is free.

Ω_T is convex in η, and a zero gradient (see `scheduled.bounds.gradient`) unrolls to a recursion.
With P_j = D²/S_T² + Σ_{k<j} η_k² G_k²/R_k²,

    P_T = G_T²,   P_j = 2 P_{j+1} / (1 + √(1 + P_{j+1}/G_j²)),
    η_j/R_j = P_j/(2 G_j²) for j < T,   S_T = D/√P_1,   min Ω_T = D √P_1.

With constant G the minimum tends to 2DG/√T, and η is linear decay but for its last steps, above
all η_T, about ten times as large as there: η_T costs η_T G_T²/2, but is a part of all R_k. Tuned
linear decay is 1.7 % above the minimum at T = 100, 0.2 % at T = 1000.

The exact worst case min_s B(s) is, with the moves a_k of the reference points and w_k = G_k^{-2},

    ½ [ s (D/Σ_{k≤T} a_k)² + Σ_{k≤T} a_k² G_k²/s ],   a_T = s,

least where a_k ∝ w_k. Undoing the recursion gives

    η_k ∝ w_k Σ_{T≥p>k} w_p,   min = D/√(Σ_{k≤T} w_k):

the refined schedule of arXiv:2310.07831. With constant G it is linear decay and DG/√T, the minimax
value. It ends at η_T = 0, which that iterate does not use, but Ω_T is infinite there.

References
----------
.. [1] F. Schaipp et al., arXiv:2501.18965, where Ω_T is minimised numerically.
.. [2] A. Defazio et al., arXiv:2310.07831: Theorem 10, and schedule refinement.
.. [3] M. Zamani and F. Glineur, arXiv:2307.11134: linear decay is minimax optimal.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.gradient import omega_gradient, reference_point_gradient
from scheduled.bounds.omega import last_iterate_parts
from scheduled.bounds.problem import in_range
from scheduled.core.arguments import (
    FloatArray,
    IntArray,
    check_choice,
    check_grad_norms,
    check_integer,
    check_number,
)
from scheduled.core.rounding import SUM_ROUNDING, first_least
from scheduled.core.summation import cumulative_sum
from scheduled.core.wide import Wide, without_exponent
from scheduled.schedules.tabulated import TabulatedSchedule

OptimizedBound: TypeAlias = Literal["refined", "exact"]
OPTIMIZED_BOUNDS = ("refined", "exact")
# A search for log η stays within these distances of its start: beyond lie overflows.
LOG_FALL, LOG_RISE = 60.0, 30.0
# Relative change of the bound by a relative change of any one LR, below which it has converged.
CONVERGED = 1e-7
# Where the descent ends. The bound changes by the square of such a gradient: below 1e-9 that is
# lost in rounding, which would decide how many steps there are.
DESCENT_END = CONVERGED / 10
RESTARTS = 20

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
        Whether no change of a single LR by a factor 1 + ε changes the bound by more than a factor
        1 + 1e-7·ε.
    """

    schedule: FloatArray
    bound: float
    bounds: FloatArray
    snapshot_steps: IntArray
    snapshots: FloatArray
    converged: bool


def optimal_schedule(
    T: int, grad_norms: ArrayLike = 1.0, D: float = 1.0, type: OptimizedBound = "refined"
) -> tuple[TabulatedSchedule, float]:
    """Return the schedule that minimises a bound at iterate T, and its bound, in O(T).

    Parameters
    ----------
    T : int
        The iterate, >= 1.
    grad_norms : float or array, shape (T+1,)
        Bounds G_t > 0 on the (expected) subgradient norms; the last one has no influence.
    D : float
        Distance ‖x_1 − x*‖ > 0.
    type : {"refined", "exact"}
        The last-iterate bound Ω_T, or the exact worst case.

    Returns
    -------
    schedule : TabulatedSchedule
        Of N = T + 1 steps, at base LR 1; the last LR (exact: the last two) has no influence on x_T
        and is 0.
    bound : float

    Raises
    ------
    ValueError
        If an argument is out of range, or the bound or a learning rate is beyond the range of a
        double. With a G_t = 0 no schedule is best: η_t → ∞ would be.

    References
    ----------
    The module's docstring has the formulas; for "exact" they are those of arXiv:2310.07831.

    Examples
    --------
    >>> schedule, bound = optimal_schedule(4, type="exact")
    >>> list(schedule), bound
    ([0.375, 0.25, 0.125, 0.0, 0.0], 0.5)
    >>> schedule, bound = optimal_schedule(4)
    >>> schedule.schedule.round(3), round(bound, 3)
    (array([0.299, 0.255, 0.212, 0.512, 0.   ]), 0.782)
    """
    norms, D, type = _check(T, grad_norms, D, type)
    minimum = _exact_minimum if type == "exact" else _omega_minimum
    lrs, bound = minimum(norms, D)
    given = {"D": D, "grad_norms": grad_norms}
    used = np.flatnonzero(lrs.mantissa)
    for t in used[[lrs.exponent[used].argmin(), lrs.exponent[used].argmax()]] if used.size else ():
        in_range(f"learning rate of step {t + 1}", lrs[t], **given)
    best = TabulatedSchedule(np.append(lrs.value(), 0.0))
    return best, in_range("bound", bound, **given)


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

    L-BFGS runs on the logarithm of the bound over the logarithms of the learning rates (exact:
    and of s): scaling D, G or η then only shifts the problem, and the best LRs, proportional to
    the steps left, are equally well in reach. The minimum itself has a closed form, see
    `optimal_schedule`.

    Parameters
    ----------
    T, grad_norms, D, type
        As in `optimal_schedule`.
    start : float, optional
        The constant learning rate to start from, > 0; by default the best one, as to Ω_T.
    snapshots : int
        How many schedules of the way to keep at most, >= 2.
    max_steps : int
        Optimisation steps at most, >= 1.

    Returns
    -------
    OptimizedSchedule
        For "exact", the bounds on the way are B(s) at the s of that moment; s starts at its best.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    arXiv:2501.18965, the schedule found by minimising Ω_T for T = 100.

    Examples
    --------
    >>> found = minimize_bound(100)
    >>> found.converged, abs(found.bound / optimal_schedule(100)[1] - 1) < 1e-12
    (True, True)
    """
    norms, D, type = _check(T, grad_norms, D, type)
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
    lrs = np.full(T, start)
    if type == "refined":
        objective, first = _omega_objective(norms, D), np.log(lrs)
    else:
        # The place of η_T, which has no influence, is that of s.
        objective, lrs[-1] = _exact_objective(norms, D), _best_s(lrs[:-1], norms, D)
        first = np.log(lrs)
    path, values, converged = _descend(objective, first, max_steps)
    kept = _snapshot_steps(len(path) - 1, snapshots)
    schedules = np.zeros((kept.size, T + 1))
    schedules[:, :T] = np.exp(np.array([path[i] for i in kept]))
    if type == "exact":
        schedules[:, T - 1] = 0.0
    given = {"D": D * 2.0**D_exponent, "grad_norms": grad_norms}
    in_range("learning rate", Wide(start, lr_exponent), **given)
    bound = in_range("bound", Wide(np.exp(values[-1]), bound_exponent), **given)
    schedules = np.ldexp(schedules, lr_exponent)
    bounds = np.ldexp(np.exp(values), bound_exponent)
    return OptimizedSchedule(schedules[-1].copy(), bound, bounds, kept, schedules, converged)


def _check(
    T: int, grad_norms: ArrayLike, D: float, type: str
) -> tuple[FloatArray, float, OptimizedBound]:
    """Return G_1 … G_T, D and the type."""
    T = check_integer("T", T, low=1)
    norms = check_grad_norms(grad_norms, T + 1)[:T]
    if not norms.all():
        where = f"[{np.flatnonzero(norms == 0)[0]}]" if np.ndim(grad_norms) else ""
        raise ValueError(f"grad_norms{where}=0.0 must be > 0, or no finite schedule is best")
    D = check_number("D", D, above=True)
    return norms, D, check_choice("type", type, OPTIMIZED_BOUNDS)  # type: ignore[return-value]


def _omega_minimum(norms: FloatArray, D: float) -> tuple[Wide, Wide]:
    """Return the η that minimises Ω_T and its bound, by the recursion of the module's docstring."""
    scaled, exponent = without_exponent(norms)
    roots = [float(scaled[-1])]  # √P_j, for P_j/G_j² need not be a double
    for norm in scaled[-2::-1].tolist():
        root = roots[-1]
        roots.append(root * (math.sqrt(2 * norm) / math.sqrt(norm + math.hypot(norm, root))))
    P_roots = Wide(np.array(roots[::-1]), exponent)
    quotients = P_roots[:-1] / norms[:-1]
    ratios = 0.5 * (quotients * quotients)  # η_j/R_j
    # R_j = S_T Π_{i≤j} 1/(1 + η_i/R_i), the powers of two in the factors apart
    factors = Wide(1.0) + ratios
    small = ratios.value()
    logs = np.where(small < 1, np.log1p(np.minimum(small, 1.0)), np.log(2 * factors.mantissa))
    products = Wide(np.exp(-cumulative_sum(logs)), -np.cumsum(factors.exponent - 1))
    rest = D / P_roots[0] * Wide(1.0).append(products)
    return (ratios * rest[1:]).append(rest[-1]), D * P_roots[0]


def _exact_minimum(norms: FloatArray, D: float) -> tuple[Wide, Wide]:
    """Return the η that minimises the exact worst case, and its value."""
    smallest = float(norms.min())
    inverses = smallest / Wide(norms)
    weights = inverses * inverses
    sums = weights.suffix_sum()
    total = float(sums[0].value())
    # The factor makes s(1 + …) = Σ w times D/√(Σ w)³, as the best s asks for.
    scale = Wide(D) / (Wide(smallest) * total**1.5)
    lrs = (scale * weights[:-1] * sums[1:]).append(Wide(0.0))
    return lrs, Wide(D) * smallest / math.sqrt(total)


def _omega_objective(norms: FloatArray, D: float) -> Objective:
    """Return ln Ω_T and its gradient as a function of ln η."""

    def objective(log_lrs: FloatArray) -> tuple[float, FloatArray]:
        lrs = np.exp(log_lrs)
        value, gradient = omega_gradient(lrs, norms, D)
        return value.log(), (lrs * gradient / value).value()

    return objective


def _exact_objective(norms: FloatArray, D: float) -> Objective:
    """Return ln B(s) and its gradient as a function of (ln η_1, …, ln η_{T−1}, ln s)."""

    def objective(logs: FloatArray) -> tuple[float, FloatArray]:
        point = np.exp(logs)
        value, by_step, by_s = reference_point_gradient(point[:-1], float(point[-1]), norms, D)
        return math.log(value), point * np.append(by_step, by_s) / value

    return objective


def _best_constant(norms: FloatArray, D: float) -> float:
    """Return the constant LR with the least Ω_T = 𝒯₁/γ + γ𝒯₂."""
    distance_term, gradient_term = last_iterate_parts(np.ones(norms.size), norms, D)
    return math.sqrt(float((distance_term / gradient_term).value()))


def _best_s(steps: FloatArray, norms: FloatArray, D: float) -> float:
    """Return the s with the least B(s)."""
    from scipy.optimize import minimize_scalar

    def log_bound(log_s: float) -> float:
        return math.log(reference_point_gradient(steps, math.exp(log_s), norms, D)[0])

    # Without any step B(s) is D²/(2s) + sG²/2; steps only make the best s smaller. With norms that
    # vary, B may have several minima: a scan first.
    grid = math.log(D / norms[-1]) - np.linspace(LOG_RISE, 0.0, 4 * int(LOG_RISE) + 1)
    index = first_least([log_bound(log_s) for log_s in grid.tolist()], 1.0, SUM_ROUNDING)
    bracket = grid[max(index - 1, 0)], grid[min(index + 1, grid.size - 1)]
    return math.exp(minimize_scalar(log_bound, bounds=bracket, method="bounded").x)


def _descend(
    objective: Objective, start: FloatArray, max_steps: int
) -> tuple[list[FloatArray], list[float], bool]:
    """Return the points and values on the way to a minimum, and whether it has been reached."""
    from scipy.optimize import minimize

    path, values = [start], [objective(start)[0]]

    def record(intermediate_result: Any) -> None:
        path.append(intermediate_result.x.copy())
        values.append(float(intermediate_result.fun))

    bounds = [(x - LOG_FALL, x + LOG_RISE) for x in start.tolist()]
    for _ in range(RESTARTS):
        # A restart forgets the curvature seen far off; the first one is rarely needed.
        steps = max_steps - (len(path) - 1)
        gradient = objective(path[-1])[1]
        if np.abs(gradient).max() <= CONVERGED or steps <= 0:
            break
        minimize(
            objective,
            path[-1],
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            callback=record,
            options={"maxiter": steps, "maxcor": 30, "ftol": 0.0, "gtol": DESCENT_END},
        )
    return path, values, bool(np.abs(objective(path[-1])[1]).max() <= CONVERGED)


def _snapshot_steps(last: int, count: int) -> IntArray:
    """Return at most `count` of the steps 0 … last, both ends included, denser at the start."""
    if last < count:
        return np.arange(last + 1)
    spaced = np.rint(last * np.linspace(0.0, 1.0, count) ** 2).astype(np.int64)
    return np.unique(spaced)
