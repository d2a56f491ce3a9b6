"""The exact worst case of the last iterate, for any steps and any gradient norms.

Theorem. Let x_{k+1} = x_k − h_k g_k for k = 1…T−1, with h_k > 0, f convex, g_k a subgradient of f
at x_k, ‖x_1 − x*‖ <= D and ‖g_k‖ <= G_k for k = 1…T. Then the largest possible f(x_T) − f* is

    (U)  W = min over A_0, …, A_{T−1} > 0 of  D²/(4A_0) + Σ_{j<T} G_j² B_j + G_T² A_{T−1},
             B_j = max(A_{j−1} − A_j − h_j, h_j²/(4A_j)),
    (L)  W = max over 0 <= e_1 <= … <= e_T <= G_T², e_j <= G_j², of
             D √e_1 − Σ_{j<T} h_j b_j,   b_j = e_j − √((e_{j+1} − e_j)(G_j² − e_j)).

(U) is convex in A and h together, (L) concave in e. Every A gives an upper bound, which holds in
expectation for stochastic subgradients as well; every e a lower one: together, a certificate.

(U) is a bound. Let A'_{j−1} = A_j + h_j + B_j, which is at least A_{j−1}, and let σ_j be such that
A'_{j−1} = (1 + σ_j)(A_j + h_j/2); then B_j >= h_j²/(4A_j) says that σ_j A_j >= h_j/2. From
R_{T−1} = 1 and R_{j−1} = (1 + σ_j) R_j, scaled to R_0 = 1, come the weights w_0 = 1,
w_j = 1/R_j − 1/R_{j−1}, a_j = R_{j−1} − R_j and a_T = R_{T−1}, all >= 0. Add up the inequalities
f_k − f_j + ⟨g_k, x_j − x_k⟩ <= 0, j < k, each a_k w_j times (x_0 = x*, f_0 = f*; x_j lies in the
past of g_k, hence the expectations). As Σ_{j<k} w_j = 1/R_{k−1} and Σ_{k>j} a_k = R_j, all f_k
between cancel, and

    f(x_T) − f* <= ⟨x_1 − x*, m_0⟩ − Σ_{j<T} h_j ⟨g_j, m_j⟩,   m_j = Σ_{k>j} a_k g_k / R_j:

m_{T−1} = g_T and m_{j−1} = (σ_j g_j + m_j)/(1 + σ_j). For every j, by expanding the squares,

    A'_{j−1} ‖m_{j−1}‖² − h_j ⟨g_j, m_j⟩ = B_j ‖g_j‖² + A_j ‖m_j‖² − c_j ‖g_j − m_j‖²

with c_j = (σ_j A_j − h_j/2)/(1 + σ_j) >= 0. Put A_{j−1} for A'_{j−1}, add up over j, and use
⟨x_1 − x*, m_0⟩ <= D²/(4A_0) + A_0 ‖m_0‖².

(L) is not above (U). As D √e_1 <= D²/(4A_0) + A_0 e_1, as √(p q) <= A_j p/h_j + h_j q/(4A_j), and
as B_j G_j² >= (A_{j−1} − A_j − h_j) e_j + (G_j² − e_j) h_j²/(4A_j), the difference is at least
Σ_{j<T} (A_{j−1} e_j − A_j e_{j+1}) − A_0 e_1 + A_{T−1} G_T² = A_{T−1} (G_T² − e_T) >= 0.

They meet. (U) has a minimum if D and all G_t are positive: it grows without limit where an A_j goes
to 0 or to ∞. Let e_j be the multiplier of the first term of B_j there. Stationarity in A_0, A_j and
A_{T−1} says

    e_1 = D²/(4A_0²),   e_{j+1} = e_j + (G_j² − e_j) ρ_j²  with ρ_j = h_j/(2A_j),   e_T = G_T²:

e is feasible, and in all three inequalities of the last paragraph equality holds.

It is attained. Let x* = 0, f* = 0, x_1 = D u_0 and y_1 = √e_1 u_0 with u_0, u_1, … orthonormal,
g_j = y_j + √(G_j² − e_j) u_j, y_{j+1} = y_j − √(e_{j+1} − e_j) u_j, f_k = D √e_1 − Σ_{i<k} h_i b_i
and f(x) the largest of 0 and all f_k + ⟨g_k, x − x_k⟩. As ‖y_j‖² = e_j and ⟨g_j, y_{j+1}⟩ = b_j,
⟨g_j, g_k⟩ = b_j for all k > j. So f_j = f_k + ⟨g_k, x_j − x_k⟩ for j < k, and
0 = f_k + ⟨g_k, −x_k⟩. For j > k it must be shown that

    f_j − f_k − ⟨g_k, x_j − x_k⟩ = h_k (G_k² − b_k) − Σ_{k<i<j} h_i (b_i − b_k) >= 0.

By stationarity b_j = e_j − (G_j² − e_j) ρ_j, hence h_k (G_k² − b_k) = 2A_k (e_{k+1} − b_k), and for
every i, as A_{i−1} >= A_i + h_i + h_i²/(4A_i) wherever e_i > 0,

    2A_{i−1} (e_i − b_k) − h_i (b_i − b_k) − 2A_i (e_{i+1} − b_k)
        = (2A_{i−1} − 2A_i − h_i)(e_i − b_k) >= 0.

So at least 2A_{j−1} (e_j − b_k) >= 0 is left. With 0 for b_k, and D √e_1 = 2A_0 e_1, the same says
f_j >= 2A_{j−1} e_j >= 0. Hence f_k = f(x_k), g_k is a subgradient there, and f(x_T) − f* is (L).

Corollaries.

- Constant G, one pass. With a = 0; for k = T−1 … 1: b = max(a, h_k/2), a = b + h_k + h_k²/(4b), and
  A = max(a, D/(2G)), W = D²/(4A) + G² (A − Σh). Every term of a − Σh = Σ (b − a_before + h_k²/(4b))
  is >= 0. The best base LR is D/(2G √(a (a − Σh))), and the worst case then D G √(1 − Σh/a).
- Best base LR. With C(x) the minimum of (U) without its first term for A_0 = x, and h = γη, W is
  D²/(4γx) + γ C(x): least where x C'(x) = C(x), C' = e_1, with W = D √(C(x)/x). If C > x C' for all
  x, no γ > 0 is best: γ → 0 gives D min_t G_t.
- Best schedule. If b = 0, (L) does not depend on h: 1/e_{j+1} = 1/e_j − 1/G_j² with e_T = G_T², so
  that e_1 = 1/Σ_t G_t^{−2}. So no schedule has W < D/√(Σ_t G_t^{−2}), and the refined schedule of
  arXiv:2310.07831 reaches it (`scheduled.bounds.optimal.optimal_schedule_for`).
- Gradients: ∂W/∂h_j = −b_j, ∂W/∂G_j² = B_j, ∂W/∂G_T² = A_{T−1}, ∂W/∂D = √e_1.
- The bound of arXiv:2307.11134, for any schedule min_s B(s), is (U) with A_{j−1} = φ_j(A_j) for all
  j, where φ_j(A) = (A + h_j/2)²/A is what makes both terms of B_j equal. What it lacks is slack,
  A_{j−1} > φ_j(A_j), which pays only where e_j = G_j², that is where G_j is below all later norms.

Edges. A step of 0 is left out, with its G_t; η_T has no influence. If G_T = 0, W = 0. If G_k = 0,
then x_k is a minimiser: all starts again there, with D = 0, and without a first term.

The walk. Let C_j(x) be the least cost of all that comes after A_j = x; its slope is e_{j+1}. Given
A_{j−1}, the best A_j is the minimiser of C_j(x) − G_j² x, clipped to [l, u], the two roots of
φ_j(A) = A_{j−1}. For all j but the *candidates*, where G_j is below all later norms, it is u. So a
slope costs one walk: forwards through the A_j, taking u, to the end or to a slack, and back from
e_T = G_T² (or e_j = G_j² at a slack) by the recursion for e. At a candidate, the sign of
e_{j+1} − G_j² tells u from l or slack; if u was wrong, the walk goes on from l. Every such sign is
kept, as it bounds the minimiser. A_0 is the root of C_0'(x) = D²/(4x²), and the A_j after a slack
that of C_j'(x) = G_j².

Accuracy. Walks run on A_j − a_j, where a_j is the end of the domain,
a_{j−1} = φ_j(max(a_j, h_j/2)), as the minimum may be as close to a_j as 1e-300. At l the recursion
for e is taken from G_j², not from e_{j+1}, which cancels. (U) is summed with A taken backwards from
its end and the slacks, where relative errors shrink. (L) is the best path through three e:
forwards, backwards, and forwards but for where ρ² > 2. Norms that vary by factors of e^16, and T up
to 10^5, left a gap of 1e-12 at most (``python -m benchmarks exact``); `ExactWorstCase.gap` tells.

References
----------
.. [1] M. Zamani & F. Glineur, arXiv:2307.11134: the worst case for constant steps and norms.
.. [2] A. Defazio et al., arXiv:2310.07831, schedule refinement.
.. [3] A. Taylor, J. Hendrickx & F. Glineur, arXiv:1502.05666: interpolation, worst cases as SDPs.
.. [4] F. Schaipp et al., arXiv:2501.18965, the last-iterate bound Ω_T and its schedules.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.problem import in_range
from scheduled.bounds.tuning import TunableSchedule
from scheduled.core.arguments import (
    FloatArray,
    IntArray,
    check_grad_norms,
    check_iterate,
    check_iterates,
    check_number,
    check_schedule,
)
from scheduled.core.wide import Wide, without_exponent

# Relative difference of upper and lower value up to which a worst case counts as exact.
TOLERANCE = 1e-10
# Up to this many steps, of all iterates asked for, plain Python is quicker than to import numba.
PLAIN_STEPS = 100_000
SHORTEST = 2.0**-1020


def exact_bound(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float, T: int | None = None
) -> float:
    """Return the largest f(x_T) − f* of the subgradient method, over all convex functions.

    Constant norms cost one pass over the steps, others about 40 (see the module's notes, which
    also hold the theorem and its proof).

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
    arXiv:2307.11134 for the method of proof; the module's docstring has it.

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
        problem = _scale(lrs, norms, D, t)
        if problem.constant:
            value = _constant_value(problem, *one_pass(problem.steps))
        else:
            value, lower, _, _ = _solve(problem)
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


@dataclass(frozen=True)
class WorstFunction:
    """A convex function on which the method does as badly as it can: the maximum of planes.

    f(x) = max(0, max_k values[k] + ⟨gradients[k], x − points[k]⟩), with its minimum 0 at 0. The
    method started at points[0], with the subgradient gradients[k] at points[k], goes through all
    points.

    Attributes
    ----------
    at : array of int, shape (n+1,)
        The iterates t that the rows stand for: those that a step > 0 leaves, and T.
    points, gradients : array, shape (n+1, n+2)
        x_t and g_t.
    values : array, shape (n+1,)
        f(x_t).
    """

    at: IntArray
    points: FloatArray
    gradients: FloatArray
    values: FloatArray

    def __call__(self, x: ArrayLike) -> float:
        """Return f(x), x of shape (n+2,)."""
        planes = self.values + ((np.asarray(x) - self.points) * self.gradients).sum(axis=1)
        return float(planes.max(initial=0.0))


@dataclass(frozen=True)
class ExactWorstCase:
    """The result of `exact_worst_case`.

    Attributes
    ----------
    value, lower : float
        The values of (U) and (L): the worst case lies between them.
    gradient : array, shape (N,)
        ∂W/∂η_t; 0 from T on. At a step of 0 it is the right derivative; nan where W jumps there, as
        a step of any length brings in a G_t below the norms after it.
    norm_gradient : array, shape (N,)
        ∂W/∂G_t >= 0; 0 where G_t is 0 or has no influence. Where norms are equal, W may have a
        kink: then this lies between the left and the right derivative.
    distance_gradient : float
        ∂W/∂D >= 0.
    function : callable
        Without arguments, returns the `WorstFunction` on which the method reaches `lower`; it
        takes memory for T² numbers.
    """

    value: float
    lower: float
    gradient: FloatArray
    norm_gradient: FloatArray
    distance_gradient: float
    function: Callable[[], WorstFunction]

    @property
    def gap(self) -> float:
        """(value − lower)/value; by rounding it may be slightly below 0."""
        return (self.value - self.lower) / self.value if self.value else 0.0

    @property
    def certified(self) -> bool:
        """Whether the gap is at most `TOLERANCE`."""
        return self.gap <= TOLERANCE


def exact_worst_case(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float, T: int | None = None
) -> ExactWorstCase:
    """Return the worst case with its certificate, its derivatives and the worst function.

    Parameters
    ----------
    schedule, grad_norms, D, T
        As in `exact_bound`.

    Returns
    -------
    ExactWorstCase
        A gap above `TOLERANCE` is not an error: `certified` is then False.

    Raises
    ------
    ValueError
        As in `exact_bound`.

    References
    ----------
    The module's docstring has the theorem and its proof.

    Examples
    --------
    >>> worst = exact_worst_case([0.5, 0.5, 0.5], grad_norms=[1.0, 0.5, 2.0], D=1.0)
    >>> worst.certified, round(worst.value, 6), worst.gradient.round(6)
    (True, 0.653072, array([0.089125, 0.773708, 0.      ]))
    >>> f = worst.function()
    >>> round(f(f.points[-1]), 6)
    0.653072
    """
    lrs = check_schedule(schedule)
    norms = check_grad_norms(grad_norms, lrs.size)
    D = check_number("D", D)
    T = check_iterate(T, lrs)
    problem = _scale(lrs, norms, D, T)
    if problem.squares.size == 0:
        none, nowhere = np.zeros(lrs.size), np.zeros((0, 1))
        function = WorstFunction(problem.at, nowhere, nowhere, np.zeros(0))
        return ExactWorstCase(0.0, 0.0, none, none.copy(), 0.0, lambda: function)
    upper, lower, A, e = _solve(problem)
    given: dict[str, Any] = {"D": D, "grad_norms": grad_norms}
    h, g = problem.steps, problem.squares
    roots = np.sqrt(e[1:] - e[:-1]) * np.sqrt(g[:-1] - e[:-1])
    b = e[:-1] - roots
    slopes = np.zeros(lrs.size)
    slopes[problem.at[:-1]] = -np.ldexp(b, 2 * problem.norm_exponent)
    # A step of 0 would put its e between those of its neighbours, without changing them.
    for t in np.flatnonzero(lrs[: T - 1] == 0).tolist():
        following = e[np.searchsorted(problem.at, t)]
        inside = math.ldexp(norms[t], -problem.norm_exponent) ** 2 >= following
        slopes[t] = -math.ldexp(following, 2 * problem.norm_exponent) if inside else math.nan
    slopes[: problem.first] = 0.0
    by_norm = np.zeros(lrs.size)
    B = np.maximum(A[:-1] - A[1:] - h, h * (0.25 * h / A[1:]))
    by_norm[problem.at] = np.ldexp(
        2 * np.sqrt(g) * np.append(B, A[-1]), problem.step_exponent + problem.norm_exponent
    )
    return ExactWorstCase(
        problem.value(upper, **given),
        problem.value(lower, **given) if lower > 0 else 0.0,
        slopes,
        by_norm,
        math.ldexp(math.sqrt(e[0]), problem.norm_exponent) if problem.first == 0 else 0.0,
        functools.partial(_worst_function, problem, e, b),
    )


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
    problem = _scale(lrs, norms, 0.0, T)
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
        x, cost = (math.inf, 0.0) if smallest == 0 else _tune(problem)
        if x == math.inf:
            return 0.0, in_range("bound", Wide(D) * smallest, **given)
        base_lr = Wide(D) / (2 * math.sqrt(x) * math.sqrt(cost))
        bound = Wide(D) * math.sqrt(cost / x)
    shift = -problem.step_exponent - problem.norm_exponent
    return (
        in_range("base LR", base_lr * Wide(1.0, shift), **given),
        in_range("bound", bound * Wide(1.0, problem.norm_exponent), **given),
    )


def constant_pass(steps: Sequence[float] | FloatArray) -> tuple[float, float]:
    """Return a and a − Σh for constant norms; both sums are compensated (Knuth's two-sum).

    Examples
    --------
    >>> constant_pass([1.0, 2.0])
    (5.0625, 2.0625)
    """
    a = length = length_rest = excess = excess_rest = 0.0
    for h in steps[::-1]:
        b = max(a, 0.5 * h)
        term = (b - a) + h * (0.25 * h / b)
        new = excess + term
        part = new - excess
        excess_rest += (excess - (new - part)) + (term - part)
        excess = new
        new = length + h
        part = new - length
        length_rest += (length - (new - part)) + (h - part)
        length = new
        a = (length + excess) + (length_rest + excess_rest)
    return a, excess + excess_rest


def choose_pass(steps: int) -> Callable[[FloatArray], tuple[float, float]]:
    """Return `constant_pass`, compiled if that takes less time for so many steps."""
    if steps <= PLAIN_STEPS:
        return lambda h: constant_pass(h.tolist())
    return _compiled_pass()


@functools.cache
def _compiled_pass() -> Callable[[FloatArray], tuple[float, float]]:
    # Importing numba takes longer than most of what is done here.
    from scheduled.core.compiled import compiled

    return compiled(constant_pass)


class _Problem(NamedTuple):
    """What has an influence on x_T, in units that are powers of two.

    Learning rates are over 2^step_exponent, norms over 2^norm_exponent, and D over 2^(their sum).
    """

    steps: FloatArray  # h_k > 0, shape (n,)
    squares: FloatArray  # G_k² > 0 of the same steps, and G_T²: shape (n+1,)
    D: float
    at: IntArray  # their places in the schedule, and T−1: shape (n+1,)
    first: int  # where the problem starts: 0, or after the last minimiser on the way
    step_exponent: int
    norm_exponent: int

    @property
    def constant(self) -> bool:
        return bool((self.squares == self.squares[-1:]).all())

    def value(self, value: float, **given: Any) -> float:
        """Return a value of the function in its own units."""
        exponent = self.step_exponent + 2 * self.norm_exponent
        return in_range("worst case", Wide(value, exponent), **given)


def _scale(lrs: FloatArray, norms: FloatArray, D: float, T: int) -> _Problem:
    at = np.append(np.flatnonzero(lrs[: T - 1]), T - 1)
    first = 0
    minimisers = np.flatnonzero(norms[at] == 0)
    if minimisers.size:
        first, at, D = int(at[minimisers[-1]]) + 1, at[minimisers[-1] + 1 :], 0.0
    if at.size == 0:  # x_T is a minimiser
        return _Problem(np.zeros(0), np.zeros(0), 0.0, at, first, 0, 0)
    scaled, norm_exponent = without_exponent(norms[at])
    with np.errstate(over="ignore", under="ignore"):
        squares = scaled * scaled
    if not (squares.min() >= np.finfo(float).tiny and squares.max() < np.inf):
        raise ValueError(
            f"grad_norms from {float(norms[at].min())!r} to {float(norms[at].max())!r} must lie "
            "within a factor of 1e290 of each other"
        )
    steps = lrs[at[:-1]]
    mantissa, D_exponent = math.frexp(D)
    exponents = [math.frexp(float(steps.max()))[1] + steps.size.bit_length()] if steps.size else []
    if D > 0:
        exponents.append(D_exponent - norm_exponent)
    step_exponent = max(exponents, default=0)
    # Lengths below 2^-1020 of these units count as that: far below what rounding leaves.
    steps = np.maximum(np.ldexp(steps, -step_exponent), SHORTEST)
    if D > 0:
        D = max(math.ldexp(mantissa, D_exponent - norm_exponent - step_exponent), SHORTEST)
    return _Problem(steps, squares, D, at, first, step_exponent, norm_exponent)


def _constant_value(problem: _Problem, a: float, excess: float) -> float:
    """Return W for constant norms."""
    if problem.squares.size == 0:
        return 0.0
    norm, D = math.sqrt(problem.squares[-1]), problem.D
    above = max(0.5 * D / norm - a, 0.0)
    first_term = D * (0.25 * D / (a + above)) if D > 0 else 0.0
    return first_term + float(problem.squares[-1]) * (excess + above)


def _walks(problem: _Problem) -> tuple[FloatArray, ...]:
    """Return the arrays that walks read and write, those at j for the step j of n, from 0 on.

    - h, g: steps and squared norms; a, b, kappa: the domain of A_j starts at a[j], and
      b[j] = max(a[j+1], h[j]/2), kappa = 1 − (h/2b)²; least: the smallest g from j on;
    - low, high: what is known of the minimiser of C_{j+1}(x) − g[j] x, as an offset from a[j+1];
      low is inf where j is no candidate;
    - d, over, state, e: of the last walk. A[j] = a[j] + d[j]; over is A[j+1] − h/2 or, at l,
      (h/2)/A[j+1] − 1; state is 0 for u, 1 for l, 2 for slack.
    """
    from scheduled.bounds import exact_walk

    n = problem.steps.size
    h, g = problem.steps, problem.squares
    a, least, d, e = np.zeros((4, n + 1))
    b, kappa, over, state = np.zeros((4, n))
    exact_walk.prepare(h, g, a, b, kappa, least)
    low, high = np.where(g[:-1] < least[1:], 0.0, np.inf), np.full(n, np.inf)
    return h, g, a, b, kappa, least, low, high, d, over, state, e


def _finish(arrays: tuple[FloatArray, ...], stop: int) -> None:
    """Walk on from every slack."""
    from scheduled.bounds.exact_walk import root

    g, low, high = arrays[1], arrays[6], arrays[7]
    while stop < low.size:
        stop = root(arrays, stop + 1, g[stop], 0.0, low[stop], high[stop])


def _solve(problem: _Problem) -> tuple[float, float, FloatArray, FloatArray]:
    """Return the upper and the lower value, with the A and the e that they belong to."""
    g, D, n = problem.squares, problem.D, problem.steps.size
    if n == 0:
        norms = np.sqrt(g)  # one, or none if x_T is a minimiser
        value = float(D * norms.sum())
        return value, value, 0.5 * D / norms, g
    from scheduled.bounds import exact_walk

    arrays = _walks(problem)
    a = arrays[2]
    least, e = arrays[5], arrays[11]
    start = max(0.0, 0.5 * D / math.sqrt(least[0]) - float(a[0]))
    if problem.constant:
        # The slope is G² above a_0, and 0 below.
        exact_walk.walk(arrays, 0, start)
    else:
        _finish(arrays, exact_walk.root(arrays, 0, 0.0, D, start, math.inf))
    A = np.zeros(n + 1)
    upper = exact_walk.regenerate(arrays, 0, A)
    first = 0.0
    if D > 0:
        upper += D * (0.25 * D / A[0])
        first = float(0.5 * D / A[0]) ** 2
    guesses, origin = np.zeros((3, n + 1)), np.zeros((3, n + 1), dtype=np.int8)
    guesses[:, 0] = np.clip([first, e[0], first], 0.0, least[0])
    lower = exact_walk.best_path(arrays, A, D, guesses, origin)
    path = np.zeros(n + 1, dtype=np.intp)
    for j in range(n, 0, -1):
        path[j - 1] = origin[path[j], j]
    return float(upper), float(lower), A, guesses[path, np.arange(n + 1)]


def _tune(problem: _Problem) -> tuple[float, float]:
    """Return the x with x C'(x) = C(x), and C(x); x is inf if there is none."""
    from scipy.optimize import brentq

    from scheduled.bounds import exact_walk

    arrays = _walks(problem)
    h, g, a, *_ = arrays
    e, A, n = arrays[11], np.zeros(problem.steps.size + 1), problem.steps.size
    smallest = n - int(np.argmin(g[::-1]))
    if smallest < n:
        # For x → ∞ all A_j up to there are large, e_j is min G² and the rest is at its own minimum.
        _finish(arrays, exact_walk.root(arrays, smallest + 1, g[smallest], 0.0, 0.0, math.inf))
        rest = exact_walk.regenerate(arrays, smallest + 1, A)
        if rest - g[smallest] * (A[smallest + 1] + h[: smallest + 1].sum()) >= 0:
            return math.inf, 0.0

    def cost(log_offset: float) -> float:
        _finish(arrays, exact_walk.walk(arrays, 0, math.exp(log_offset)))
        return float(exact_walk.regenerate(arrays, 0, A))

    def excess(log_offset: float) -> float:
        value = cost(log_offset)
        return float(max(e[0], 0.0) * A[0] / value) - 1.0

    low = math.log(a[0]) - 660.0
    high = low + 661.0
    if excess(low) < 0:
        while excess(high) < 0:
            high += 4.0
        low = brentq(excess, low, high, xtol=1e-14, rtol=1e-15)
    value = cost(low)
    return float(A[0]), value


def _worst_function(problem: _Problem, e: FloatArray, b: FloatArray) -> WorstFunction:
    h, g, D, n = problem.steps, problem.squares, problem.D, problem.steps.size
    across, moves = np.sqrt(g - e), np.sqrt(e[1:] - e[:-1])
    gradients = np.zeros((n + 1, n + 2))
    gradients[:, 0] = math.sqrt(e[0])
    for j in range(n + 1):
        gradients[j, j + 1] = across[j]
        gradients[j + 1 :, j + 1] = -moves[j] if j < n else 0.0
    points = np.zeros((n + 1, n + 2))
    points[0, 0] = D
    points[1:] = points[0] - np.cumsum(h[:, None] * gradients[:-1], axis=0)
    values = D * math.sqrt(e[0]) - np.append(0.0, np.cumsum(h * b))
    length = problem.step_exponent + problem.norm_exponent
    return WorstFunction(
        problem.at + 1,
        np.ldexp(points, length),
        np.ldexp(gradients, problem.norm_exponent),
        np.ldexp(values, length + problem.norm_exponent),
    )
