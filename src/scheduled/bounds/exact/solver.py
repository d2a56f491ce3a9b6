"""(U) and (L) for any norms, and the best base LR, by walks over the steps."""

from __future__ import annotations

import math

import numpy as np

from scheduled.bounds.exact.problem import Problem
from scheduled.core.arguments import FloatArray


def _walks(problem: Problem) -> tuple[FloatArray, ...]:
    """Return the arrays that walks read and write, those at j for the step j of n, from 0 on.

    - h, g: steps and squared norms; a, b, kappa: the domain of A_j starts at a[j], and
      b[j] = max(a[j+1], h[j]/2), kappa = 1 − (h/2b)²; least: the smallest g from j on;
    - low, high: what is known of the minimiser of C_{j+1}(x) − g[j] x, as an offset from a[j+1];
      low is inf where j is no candidate;
    - d, over, state, e: of the last walk. A[j] = a[j] + d[j]; over is A[j+1] − h/2 or, at l,
      (h/2)/A[j+1] − 1; state is 0 for u, 1 for l, 2 for slack.
    """
    from scheduled.bounds.exact import walk

    n = problem.steps.size
    h, g = problem.steps, problem.squares
    a, least, d, e = np.zeros((4, n + 1))
    b, kappa, over, state = np.zeros((4, n))
    walk.prepare(h, g, a, b, kappa, least)
    low, high = np.where(g[:-1] < least[1:], 0.0, np.inf), np.full(n, np.inf)
    return h, g, a, b, kappa, least, low, high, d, over, state, e


def _finish(arrays: tuple[FloatArray, ...], stop: int) -> None:
    """Walk on from every slack. Its root is kept, as it does not depend on what comes before."""
    from scheduled.bounds.exact import walk

    g, low, high, d = arrays[1], arrays[6], arrays[7], arrays[8]
    while stop < low.size:
        here, begin = stop, stop + 1
        if low[here] == high[here]:
            stop = walk.walk(arrays, begin, low[here])
        else:
            stop = walk.root(arrays, begin, g[here], 0.0, low[here], high[here])
            low[here] = high[here] = d[begin]


def solve(problem: Problem) -> tuple[float, float, FloatArray, FloatArray]:
    """Return the upper and the lower value, with the A and the e that they belong to."""
    g, D, n = problem.squares, problem.D, problem.steps.size
    if n == 0:
        norms = np.sqrt(g)  # one, or none if x_T is a minimiser
        value = float(D * norms.sum())
        return value, value, 0.5 * D / norms, g
    from scheduled.bounds.exact import walk

    arrays = _walks(problem)
    a = arrays[2]
    least, e = arrays[5], arrays[11]
    start = max(0.0, 0.5 * D / math.sqrt(least[0]) - float(a[0]))
    if problem.constant:
        # The slope is G² above a_0, and 0 below.
        walk.walk(arrays, 0, start)
    else:
        _finish(arrays, walk.root(arrays, 0, 0.0, D, start, math.inf))
    A = np.zeros(n + 1)
    upper = walk.regenerate(arrays, 0, A)
    first = 0.0
    if D > 0:
        upper += D * (0.25 * D / A[0])
        first = float(0.5 * D / A[0]) ** 2
    guesses = np.zeros((3, n + 1))
    guesses[:, 0] = np.clip([first, e[0], first], 0.0, least[0])
    lower = walk.best_path(arrays, A, D, guesses, np.zeros((3, n + 1), dtype=np.int8))
    return float(upper), float(lower), A, guesses[0]


def tune(problem: Problem) -> tuple[float, float]:
    """Return the x with x C'(x) = C(x), and C(x); x is inf if there is none."""
    from scheduled.bounds.exact import walk

    arrays = _walks(problem)
    h, g, a, _, _, least, *_ = arrays
    e, A, n = arrays[11], np.zeros(problem.steps.size + 1), problem.steps.size
    smallest = n - int(np.argmin(g[::-1]))
    if smallest < n:
        # For x → ∞ all A_j up to there are large, e_j is min G² and the rest is at its own minimum.
        _finish(arrays, smallest)
        rest = walk.regenerate(arrays, smallest + 1, A)
        if rest - g[smallest] * (A[smallest + 1] + h[: smallest + 1].sum()) >= 0:
            return math.inf, 0.0
    search, new = walk.begin(a[0] * 1e-290, a[0] * 1e280, 1.0)
    z = cost = math.nan
    while new != z:
        z = new
        _finish(arrays, walk.walk(arrays, 0, 1 / (z * z)))
        cost = walk.regenerate(arrays, 0, A)
        search, new = walk.look(search, z, (e[0] - cost / A[0]) / least[0])
    return float(A[0]), float(cost)
