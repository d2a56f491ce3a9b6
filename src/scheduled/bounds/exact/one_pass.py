"""The worst case for constant norms, which costs one pass over the steps."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence

from scheduled.bounds.exact.problem import Problem
from scheduled.core.arguments import FloatArray

# Up to this many steps, of all that a process asks for, plain Python is quicker than to import
# numba.
PLAIN_STEPS = 100_000
_asked = 0


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
    """Return `constant_pass`, compiled if that takes less time for so many steps and those before.

    Both give the same bits.
    """
    global _asked
    _asked += steps
    return _plain_pass if _asked <= PLAIN_STEPS else _compiled_pass()


def _plain_pass(steps: FloatArray) -> tuple[float, float]:
    # Numbers of a list are quicker to come by than those of an array.
    return constant_pass(steps.tolist())


@functools.cache
def _compiled_pass() -> Callable[[FloatArray], tuple[float, float]]:
    # Importing numba takes longer than most of what is done here.
    from scheduled.core.compiled import compiled

    quick = compiled(constant_pass)
    # Without numba it is the function itself.
    return quick if hasattr(quick, "py_func") else _plain_pass


def constant_value(problem: Problem, a: float, excess: float) -> float:
    """Return W for constant norms."""
    if problem.squares.size == 0:
        return 0.0
    norm, D = math.sqrt(problem.squares[-1]), problem.D
    above = max(0.5 * D / norm - a, 0.0)
    first_term = D * (0.25 * D / (a + above)) if D > 0 else 0.0
    return first_term + float(problem.squares[-1]) * (excess + above)
