"""The schedule that minimises a bound, in closed form (the way there: `scheduled.bounds.descent`).

Both bounds are minimised over all η >= 0, for any gradient norms G_t > 0; base LRs need no tuning,
for the scale of η is free.

Ω_T is convex in η, and a zero gradient (see `scheduled.bounds.gradient`) unrolls to a recursion.
With P_j = D²/S_T² + Σ_{k<j} η_k² G_k²/R_k²,

    P_T = G_T²,   P_j = 2 P_{j+1} / (1 + √(1 + P_{j+1}/G_j²)),
    η_j/R_j = P_j/(2 G_j²) for j < T,   S_T = D/√P_1,   min Ω_T = D √P_1.

With constant G the minimum tends to 2DG/√T, and η is linear decay but for its last steps, above
all η_T, about ten times as large as there: η_T costs η_T G_T²/2, but is a part of all R_k. Tuned
linear decay is 1.7 % above the minimum at T = 100, 0.2 % at T = 1000.

The exact worst case (`scheduled.bounds.exact`) is least, with w_k = G_k^{-2}, for

    η_k = D w_k Σ_{T≥p>k} w_p / (Σ_k w_k)^{3/2},   min = D/√(Σ_{k≤T} w_k):

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
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.problem import in_range
from scheduled.core.arguments import (
    STEPS_LIMIT,
    FloatArray,
    check_choice,
    check_grad_norms,
    check_number,
    check_schedule,
    check_steps,
)
from scheduled.core.summation import cumulative_sum
from scheduled.core.wide import Wide, without_exponent
from scheduled.schedules.tabulated import TabulatedSchedule

OptimizedBound: TypeAlias = Literal["refined", "exact"]
OPTIMIZED_BOUNDS = ("refined", "exact")


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
    norms, D, type = check_minimum(T, grad_norms, D, type)
    minimum = _exact_minimum if type == "exact" else _omega_minimum
    lrs, bound = minimum(norms, D)
    given = {"D": D, "grad_norms": grad_norms}
    used = np.flatnonzero(lrs.mantissa)
    for t in used[[lrs.exponent[used].argmin(), lrs.exponent[used].argmax()]] if used.size else ():
        in_range(f"learning rate of step {t + 1}", lrs[t], **given)
    best = TabulatedSchedule(np.append(lrs.value(), 0.0))
    return best, in_range("bound", bound, **given)


def optimal_schedule_for(grad_norms: ArrayLike, D: float = 1.0) -> tuple[TabulatedSchedule, float]:
    """Return the schedule with the least exact worst case for given gradient norms, in O(T).

    With w_t = G_t^{-2}, η_t = D w_t Σ_{p>t} w_p / (Σ_t w_t)^{3/2}. No other schedule of so many
    steps has a smaller worst case than D/√(Σ_t w_t).

    Parameters
    ----------
    grad_norms : array, shape (T,)
        Bounds G_1, …, G_T > 0 on the (expected) subgradient norms.
    D : float
        Distance ‖x_1 − x*‖ > 0.

    Returns
    -------
    schedule : TabulatedSchedule
        Of N = T + 1 steps, the last two at 0: neither x_T nor what comes before it depends on them.
    bound : float

    Raises
    ------
    ValueError
        If an argument is out of range, or a result beyond the range of a double.

    References
    ----------
    arXiv:2310.07831 has the schedule; `scheduled.bounds.exact` why it is optimal.

    Examples
    --------
    >>> schedule, bound = optimal_schedule_for([1.0, 1.0, 1.0, 1.0])
    >>> schedule.schedule, bound
    (array([0.375, 0.25 , 0.125, 0.   , 0.   ]), 0.5)
    """
    norms = check_schedule(grad_norms, "grad_norms")
    return optimal_schedule(norms.size, np.append(norms, norms[-1]), D, type="exact")


def check_minimum(
    T: int, grad_norms: ArrayLike, D: float, type: str
) -> tuple[FloatArray, float, OptimizedBound]:
    """Return G_1 … G_T, D and the type."""
    T = check_steps("T", T, high=STEPS_LIMIT - 1)
    norms = check_grad_norms(grad_norms, T + 1)[:T]
    if not norms.all():
        where = f"[{np.flatnonzero(norms == 0)[0]}]" if np.ndim(grad_norms) else ""
        raise ValueError(f"grad_norms{where}=0.0 must be > 0, or no finite schedule is best")
    D = check_number("D", D, above=True)
    return norms, D, check_choice("type", type, OPTIMIZED_BOUNDS)  # type: ignore[return-value]


def least_bound(norms: FloatArray, D: float, type: OptimizedBound) -> Wide:
    """Return the minimum of a bound for the norms of T steps; nothing is checked.

    Examples
    --------
    >>> float(least_bound(np.ones(4), 1.0, "exact").value())
    0.5
    """
    return (_exact_minimum if type == "exact" else _omega_minimum)(norms, D)[1]


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
    scale = Wide(D) / (Wide(smallest) * total**1.5)
    lrs = (scale * weights[:-1] * sums[1:]).append(Wide(0.0))
    return lrs, Wide(D) * smallest / math.sqrt(total)
