"""The exact worst case of the last iterate, without a semidefinite program.

The steps h_k = η_k, k = 1…T−1, lead from x_1 to x_T by x_{k+1} = x_k − h_k g_k. For any s > 0, let

    S_T = s, v_{T−1} = 1;   for k = T−1 … 1:   S_k = S_{k+1} + h_k v_k,   v_{k−1} = s / S_k;
    B(s) = [ v_0² D² + Σ_{k<T} h_k² v_k² G_k² + s² G_T² ] / (2s).

Then E f(x_T) − f* <= B(s), and the bound computed here is the minimum of B over s.

Why. Let z_0 = x* and z_k = (1 − v_{k−1}/v_k) x_k + (v_{k−1}/v_k) z_{k−1}, a reference point that
follows the iterates. As x_k − z_k = (v_{k−1}/v_k)(x_k − z_{k−1}), a step gives, with the
subgradient inequality at z_k (which depends on the past only, so that this holds in expectation
for stochastic subgradients as well),

    v_k² ‖x_{k+1} − z_k‖²
        <= v_{k−1}² ‖x_k − z_{k−1}‖² − 2 h_k v_k² (f(x_k) − f(z_k)) + h_k² v_k² G_k²,

and one more step of length s at x_T, with reference z_{T−1} and weight 1, brings in f(x_T). By
convexity f(z_k) is at most the same average of f(x_1), …, f(x_k), f*. Summed up, every f(x_k) with
k < T gets a coefficient, and the choice of v makes all of them vanish: 2s (f(x_T) − f*) remains.

What is proven, and what is only observed. B(s) is an upper bound for every s, hence the minimum is
one. With a constant G it agreed with the worst case over all convex functions (the semidefinite
program of `scheduled.bounds.pep`) to the latter's precision on every schedule tried. With strongly
varying G_t it can lie well above that worst case: 71 % have been seen, with norms drawn within a
factor of ten. It was never above Ω_T.

Steps and their indices. η_T has no influence and may be 0 (unlike in Ω_T, which is infinite
there): it is the step that leaves x_T. A step of 0 before T changes nothing, and its G_t is not
used. Without any positive step before T, the bound is D G_T (at s = D/G_T). D = 0 gives 0 only
then: steps lead away from x*. If G_T = 0, or G_k = 0 at the last positive step before T, then
that iterate is a minimiser; B has no minimum, but the infimum 0 for s → ∞ or s → 0.

The minimum is global. B may have many local minima, even for a constant G. But all v_k², hence
s·B(s), are concave increasing functions of s². (With p = d log S_k / d log s, induction over k
gives 0 <= p <= 1 and |dp / d log s| <= p(1 − p).) So the chord of s·B(s) over an interval of s²
bounds B from below there, and a scan drops the intervals that cannot hold the minimum. What is
left, an eighth of an octave wide, is refined around every local minimum. That B has no finer
structure is not proven, but B is analytic in log s over the strip |Im log s| < π.

References
----------
.. [1] M. Zamani & F. Glineur, arXiv:2307.11134, the lemma with the weighted reference points.
.. [2] F. Schaipp et al., arXiv:2501.18965, the last-iterate bound Ω_T and its schedules.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.tuning import TunableSchedule
from scheduled.core.arguments import (
    FloatArray,
    check_flag,
    check_grad_norms,
    check_iterate,
    check_iterates,
    check_number,
    check_schedule,
)
from scheduled.core.rounding import SUM_ROUNDING

# Up to this many steps (of all iterates asked for) numpy takes less time than to import numba.
PLAIN_STEPS = 1000
# The scan: intervals at the start and about as many in every round (the compiled recursion takes
# the same time for up to 32 values of s), till neighbouring values of s are no further apart.
INTERVALS = 32
SPACING = 2.0**0.125
# The refinement: the most local minima that are followed up, values of s in a round for all of
# them, and the relative gap at which one is done. About six rounds are needed.
CANDIDATES = 16
POINTS = 32
GAP = 1e-15
# Minima this close count as equal: B is known to a few units of 1e-16.
TIE = 1e-14
ROUNDS = 40
# s is sought within these limits, in units in which no length and no norm is above 1.
S_MIN, S_MAX = 2.0**-460, 2.0**460

Recursion: TypeAlias = Callable[[FloatArray, FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
# s -> (A, B), such that A² and B² are concave in s² and A·B/s is to be minimised.
Factors: TypeAlias = Callable[[FloatArray], tuple[FloatArray, FloatArray]]


@overload
def exact_bound(
    schedule: ArrayLike,
    grad_norms: ArrayLike,
    D: float,
    T: int | None = None,
    return_s: Literal[False] = False,
) -> float: ...
@overload
def exact_bound(
    schedule: ArrayLike,
    grad_norms: ArrayLike,
    D: float,
    T: int | None = None,
    *,
    return_s: Literal[True],
) -> tuple[float, float]: ...
def exact_bound(
    schedule: ArrayLike,
    grad_norms: ArrayLike,
    D: float,
    T: int | None = None,
    return_s: bool = False,
) -> float | tuple[float, float]:
    """Return min_s B(s), a bound on the suboptimality of x_T that is exact for a constant G.

    (Exact: as far as observed, see the module's notes, which also hold the formula and its proof.)
    The cost is O(T): some ten evaluations of about 32 values of s each.

    Parameters
    ----------
    schedule : array, shape (N,)
        Learning rates η_t >= 0, base LR multiplied in; index t-1 holds step t.
    grad_norms : float or array, shape (N,)
        Bounds G_t >= 0 on the (expected) subgradient norms; G_T is that of x_T itself.
    D : float
        Distance ‖x_1 − x*‖ >= 0.
    T : int, optional
        The iterate, in [1, N]; by default the last one with η_T > 0, as for Ω_T. But here η_T has
        no influence, and an iterate with η_T = 0 may be asked for.
    return_s : bool
        Whether to return the minimiser s as well.

    Returns
    -------
    bound : float
        In units of the function value; the relative error is about 1e-15.
    s : float
        Only if `return_s`; in units of a learning rate. As B is flat at its minimum, it is
        accurate to about 1e-8 only; of minima equal to 1e-14, the smaller one. inf or 0 where B has
        no minimum (see the module's notes).

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    arXiv:2307.11134; arXiv:2501.18965.

    Examples
    --------
    The minimax bound D G/√T is reached by linear decay, h_k = γ (T − k) with γ = D / (G T^{3/2}):

    >>> steps = np.arange(3, -1, -1) / 4**1.5
    >>> round(exact_bound(steps, grad_norms=1.0, D=1.0, T=4), 14)
    0.5
    """
    lrs = check_schedule(schedule)
    norms = check_grad_norms(grad_norms, lrs.size)
    D = check_number("D", D)
    T = check_iterate(T, lrs)
    return_s = check_flag("return_s", return_s)
    bound, s = _minimise_over_s(lrs, norms, D, T, choose_recursion(T))
    return (bound, s) if return_s else bound


def exact_curve(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float, at: ArrayLike | None = None
) -> FloatArray:
    """Return the bound of `exact_bound` for every iterate t of a schedule, or for those in `at`.

    Parameters
    ----------
    schedule, grad_norms, D
        As in `exact_bound`.
    at : array of int, shape (K,), optional
        Iterates in [1, N]. The recursion runs backwards from x_t, so iterates share nothing: each
        costs O(t), about ten recursions for 32 values of s, and the whole curve O(N²). That was
        0.3 µs a step and iterate: 0.3 s for one iterate after a million steps (see `benchmarks`).

    Returns
    -------
    array, shape (N,) or (K,)
        Entry t-1 is the bound at iterate t, or entry i is that at at[i]. All are finite.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    arXiv:2307.11134; arXiv:2501.18965.

    Examples
    --------
    >>> exact_curve([0.0, 1.0, 1.0, 0.0], grad_norms=1.0, D=1.0).round(6)
    array([1.   , 1.   , 1.125, 1.205])
    """
    lrs = check_schedule(schedule)
    norms = check_grad_norms(grad_norms, lrs.size)
    D = check_number("D", D)
    iterates = np.arange(1, lrs.size + 1) if at is None else check_iterates(at, lrs.size)
    recursion = choose_recursion(int(iterates.sum()))
    values = (_minimise_over_s(lrs, norms, D, int(t), recursion)[0] for t in iterates)
    return np.fromiter(values, dtype=np.float64, count=iterates.size)


def exact_optimal_base(
    schedule: TunableSchedule,
    G: ArrayLike = 1.0,
    D: float = 1.0,
    T: int | None = None,
) -> tuple[float, float, float]:
    """Return the base LR that minimises the exact bound at iterate T, the bound there, and its s.

    With steps h = γη and s = γσ, v does not depend on γ, and

        B = [ v_0² D²/γ + γ Q ] / (2σ),   Q = Σ_{k<T} η_k² v_k² G_k² + σ² G_T²,

    so that γ = v_0 D/√Q and B = v_0 D √Q/σ are best for a given σ. This function of the single
    variable σ is minimised globally in the same way as B(s), v_0² and Q being concave in σ².

    Parameters
    ----------
    schedule : Schedule
        Its base LR has no influence, and is left alone.
    G : float or array, shape (N,)
        Bounds G_t >= 0 on the (expected) subgradient norms.
    D : float
        Distance ‖x_1 − x*‖ > 0.
    T : int, optional
        The iterate, in [2, N]; by default the last one with a positive LR.

    Returns
    -------
    base_lr, bound, s : float
        The bound to about 1e-15 relatively, base LR and s to about 1e-8.

    Raises
    ------
    ValueError
        If an argument is out of range, the schedule has absolute LRs (with which it does not
        scale with γ), or no γ is best: no step before T is positive, or G is 0 at T or at the
        last positive step before T.

    Notes
    -----
    Linear decay reaches the minimax value D G/√T where h_k ∝ T − k. That is
    ``WSDSchedule(steps=T, cooldown_len=1.0)`` at iterate T, whose multipliers are (T − t)/(T − 1);
    then γη_k = D (T − k)/(G T^{3/2}). With one step more, ``WSDSchedule(steps=T + 1, ...)`` has
    1 − (t − 1)/T ∝ T + 1 − t, is minimax for x_{T+1}, and slightly worse for x_T.

    References
    ----------
    arXiv:2307.11134; arXiv:2501.18965, on the optimal base learning rate.

    Examples
    --------
    >>> from scheduled import WSDSchedule
    >>> base_lr, bound, s = exact_optimal_base(WSDSchedule(100, cooldown_len=1.0), T=100)
    >>> round(bound, 14), round(base_lr, 6)
    (0.1, 0.099)
    """
    if not schedule.scales_with_base_lr:
        raise ValueError(f"schedule={schedule!r} must have no absolute LR: γ would not scale it")
    lrs = check_schedule(schedule.multipliers)
    norms = check_grad_norms(G, lrs.size)
    D = check_number("D", D, above=True)
    T = check_iterate(T, lrs)
    problem = _scale(lrs, norms, 0.0, T)
    steps, products, last_norm = problem.steps, problem.products, problem.last_norm
    if steps.size == 0:
        raise ValueError(f"T={T} must come after a positive LR: x_T is x_1 whatever γ is")
    if last_norm == 0 or products[-1] == 0:
        raise ValueError(
            f"G={G!r} must be positive at T={T} and at the last positive step before it: else "
            "x_T is a minimiser, and no γ is best"
        )
    recursion = choose_recursion(T)

    def factors(sigma: FloatArray) -> tuple[FloatArray, FloatArray]:
        v_0, squares = recursion(steps, products, sigma)
        return v_0, np.sqrt(squares + (sigma * last_norm) ** 2)

    # For σ → 0 the bound tends to D G of the last step, for σ → ∞ to D G_T, both from below;
    # beyond these limits of σ it is within 1e-18 of that.
    length, first_norm = float(steps.sum()), float(products[-1] / steps[-1])
    low = float(steps[-1]) * float(steps[-1] / length) * first_norm * 2.0**-61
    value, sigma, v_0, root = _minimise(factors, low, length / last_norm * 2.0**60)
    base_lr = v_0 / root * math.ldexp(D, -problem.length_exponent)
    s = base_lr * math.ldexp(sigma, problem.length_exponent - problem.norm_exponent)
    return base_lr, math.ldexp(value * D, problem.norm_exponent), s


def plain_recursion(
    steps: FloatArray, products: FloatArray, s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return v_0 and Σ_k h_k² v_k² G_k² for several s, by numpy.

    Both sums are compensated (Knuth's two-sum: what an addition rounds off is added up apart),
    so their relative error is about 1e-16 for any number of steps.

    Parameters
    ----------
    steps : array, shape (n,)
        h_k > 0.
    products : array, shape (n,)
        h_k G_k >= 0.
    s : array, shape (K,)
        Values > 0.

    Returns
    -------
    v_0, squares : array, shape (K,)
        `scheduled.bounds.exact_kernel.recursion` gives the same bits.

    Examples
    --------
    >>> plain_recursion(np.array([1.0, 1.0]), np.array([1.0, 1.0]), np.array([1.0]))
    (array([0.4]), array([1.25]))
    """
    total, total_low = s.copy(), np.zeros_like(s)
    square, square_low = np.zeros_like(s), np.zeros_like(s)
    v = np.ones_like(s)
    for step, product in zip(steps[::-1].tolist(), products[::-1].tolist(), strict=True):
        term = product * v
        square, rounded_off = _two_sum(square, term * term)
        square_low += rounded_off
        total, rounded_off = _two_sum(total, step * v)
        total_low += rounded_off
        v = s / (total + total_low)
    return v, square + square_low


def _two_sum(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the rounded sum a + b and what was rounded off, exactly."""
    high = a + b
    part = high - a
    return high, (a - (high - part)) + (b - part)


def choose_recursion(steps: int) -> Recursion:
    """Return the recursion that is faster for so many steps, summed over the iterates."""
    if steps <= PLAIN_STEPS:
        return plain_recursion
    # Importing numba takes longer than all else here.
    from scheduled.bounds.exact_kernel import recursion

    return recursion


class _Problem(NamedTuple):
    """Positive steps h_k before T, h_k G_k, G_T and D, in units that are powers of two."""

    steps: FloatArray
    products: FloatArray
    last_norm: float
    distance: float
    length_exponent: int
    norm_exponent: int


def _scale(lrs: FloatArray, norms: FloatArray, D: float, T: int) -> _Problem:
    """Choose units in which D, every norm and Σ_k h_k times any norm are at most 1.

    Powers of two round nothing; squares can neither overflow nor, where it matters, underflow.
    """
    moving = lrs[: T - 1] > 0
    steps, norms_before, last_norm = (
        lrs[: T - 1][moving],
        norms[: T - 1][moving],
        float(norms[T - 1]),
    )
    norm_exponent = math.frexp(max(float(norms_before.max(initial=0.0)), last_norm))[1]
    lengths = [math.frexp(D)[1]] if D > 0 else []
    if steps.size:
        bits = steps.size.bit_length()
        lengths.append(math.frexp(float(steps.max()))[1] + bits + norm_exponent)
    length_exponent = max(lengths, default=0)
    steps = np.ldexp(steps, norm_exponent - length_exponent)
    return _Problem(
        steps,
        steps * np.ldexp(norms_before, -norm_exponent),
        math.ldexp(last_norm, -norm_exponent),
        math.ldexp(D, -length_exponent),
        length_exponent,
        norm_exponent,
    )


def _minimise_over_s(
    lrs: FloatArray, norms: FloatArray, D: float, T: int, recursion: Recursion
) -> tuple[float, float]:
    """Return the minimum of B(s) for the iterate T, and the minimiser."""
    problem = _scale(lrs, norms, D, T)
    steps, products, last_norm = problem.steps, problem.products, problem.last_norm
    if last_norm == 0:
        return 0.0, math.inf
    if steps.size == 0:
        return D * float(norms[T - 1]), D / float(norms[T - 1])
    if products[-1] == 0:
        return 0.0, 0.0
    distance = problem.distance**2

    def factors(s: FloatArray) -> tuple[FloatArray, FloatArray]:
        v_0, squares = recursion(steps, products, s)
        root = np.sqrt((v_0**2 * distance + squares + (s * last_norm) ** 2) / 2)
        return root, root

    # B(s) is at least half of (h_k G_k)²/s, k the last step, and of s G_T². As v <= 1, it is at
    # most [D² + Σ (h_k G_k)² + s² G_T²]/(2s), whose minimum is this:
    above = last_norm * math.sqrt(distance + float((products**2).sum()))
    low, high = float(products[-1]) ** 2 / (2 * above), 2 * above / last_norm / last_norm
    value, s, _, _ = _minimise(factors, low, high)
    return (
        math.ldexp(value, problem.length_exponent + problem.norm_exponent),
        math.ldexp(s, problem.length_exponent - problem.norm_exponent),
    )


def _minimise(factors: Factors, low: float, high: float) -> tuple[float, float, float, float]:
    """Return the global minimum of A(s) B(s)/s over [low, high], with its s, A and B.

    A² and B² must be concave and increasing functions of s² (see `_lower_bounds`).
    """
    ends = np.clip([[low, high]], S_MIN, S_MAX)
    nodes = np.stack([ends, *(x.reshape(1, 2) for x in factors(ends.ravel()))])
    best = math.inf
    while nodes[0, 0, 1] > SPACING * nodes[0, 0, 0]:
        nodes = _split(factors, nodes)
        best = min(best, float((nodes[1] * nodes[2] / nodes[0]).min()))
        # Where the chords are exact, rounding must not drop the interval of the best value.
        nodes = nodes[:, _lower_bounds(nodes) <= best * (1 + SUM_ROUNDING)]
    return _refine(factors, *_local_minima(nodes))


def _local_minima(nodes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the brackets, shape (M,) each, around the local minima among the intervals' ends."""
    points, where = np.unique(nodes[0], return_index=True)
    values = (nodes[1] * nodes[2] / nodes[0]).ravel()[where]
    # Ends of intervals are shared, so further apart than this are others in between, dropped.
    width = float(nodes[0, 0, 1] / nodes[0, 0, 0])
    joined = points[1:] < points[:-1] * width**1.5
    falls = np.r_[True, ~joined | (values[1:] < values[:-1])]
    rises = np.r_[~joined | (values[1:] >= values[:-1]), True]
    candidates = np.flatnonzero(falls & rises)
    # More than a few there are only where B is constant to rounding.
    candidates = candidates[np.argsort(values[candidates], kind="stable")[:CANDIDATES]]
    return points[candidates] / width, points[candidates] * width


def _refine(
    factors: Factors, left: FloatArray, right: FloatArray
) -> tuple[float, float, float, float]:
    """Return the least minimum within brackets of shape (M,), with its s, A and B.

    Of minima that are equal but for rounding, s, A and B are those of the smallest s.
    """
    best = np.full((4, left.size), math.inf)  # value, s, A and B in each bracket
    searched = np.arange(left.size)
    for _ in range(ROUNDS):
        rows = np.arange(left.size)
        count = max(8, POINTS // left.size)
        s = left[:, None] + (right - left)[:, None] * (np.arange(count) / (count - 1))
        first, second = (x.reshape(s.shape) for x in factors(s.ravel()))
        values = first * second / s
        lowest = np.argmin(values, axis=1)
        found = np.stack([array[rows, lowest] for array in (values, s, first, second)])
        better = found[0] < best[0, searched]
        best[:, searched[better]] = found[:, better]
        middle = np.clip(lowest, 1, count - 2)
        ends = np.maximum(values[rows, middle - 1], values[rows, middle + 1])
        # A convex function falls below its middle value by no more than it rises to the ends.
        least = 2 * values[rows, middle] - ends
        keep = least < np.minimum(best[0, searched] * (1 - GAP), best[0].min() * (1 + TIE))
        if not keep.any():
            break
        left, right = s[rows, middle - 1][keep], s[rows, middle + 1][keep]
        searched = searched[keep]
    minimum = float(best[0].min())
    equal = best[1:, best[0] <= minimum * (1 + TIE)]
    s, first, second = equal[:, np.argmin(equal[0])].tolist()
    return minimum, s, first, second


def _split(factors: Factors, nodes: FloatArray) -> FloatArray:
    """Halve intervals of log s, shape (3, M, 2), till there are about `INTERVALS`, or once."""
    s = nodes[0]
    for _ in range(max(1, (INTERVALS // len(s)).bit_length() - 1)):
        finer = np.empty((len(s), 2 * s.shape[1] - 1))
        # Square roots are rounded correctly on every machine, exponentials are not.
        finer[:, ::2], finer[:, 1::2] = s, np.sqrt(s[:, :-1]) * np.sqrt(s[:, 1:])
        s = finer
    grid = np.empty((3, *s.shape))
    grid[0], grid[:, :, 0], grid[:, :, -1] = s, nodes[:, :, 0], nodes[:, :, 1]
    inner = s[:, 1:-1]
    for row, values in zip(grid[1:], factors(inner.ravel()), strict=True):
        row[:, 1:-1] = values.reshape(inner.shape)
    return np.stack([grid[:, :, :-1], grid[:, :, 1:]], axis=-1).reshape(3, -1, 2)


def _lower_bounds(nodes: FloatArray) -> FloatArray:
    """Return a lower bound of A B/s over each interval, shape (M,), from its two ends.

    A² and B² are not below their chords over s², α + β t with t = (s/s_left)² and α, β >= 0 (the
    chord of a concave function >= 0 has an intercept >= 0). The product of the chords over t has
    its minimum at t² = α α'/(β β'), or at the end of the interval next to that.
    """
    s, squares = nodes[0], nodes[1:] ** 2
    width = (s[:, 1] / s[:, 0]) ** 2
    slopes = np.maximum((squares[:, :, 1] - squares[:, :, 0]) / (width - 1), 0.0)
    intercepts = np.maximum(squares[:, :, 0] - slopes, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.sqrt(intercepts / slopes)
        # 0·∞, where the product of the chords over t is constant.
        t = np.nan_to_num(ratios[0] * ratios[1], nan=1.0, posinf=np.inf)
    t = np.clip(t, 1.0, width)
    chords = np.sqrt(intercepts + slopes * t)
    return np.asarray(chords[0] * chords[1] / np.sqrt(t) / s[:, 0])
