"""What has an influence on x_T, in units in which nothing overflows."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from scheduled.bounds.problem import in_range
from scheduled.core.arguments import FloatArray, IntArray
from scheduled.core.wide import Wide, without_exponent

SHORTEST = 2.0**-1020


class Problem(NamedTuple):
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


def scale(lrs: FloatArray, norms: FloatArray, D: float, T: int) -> Problem:
    at = np.append(np.flatnonzero(lrs[: T - 1]), T - 1)
    first = 0
    minimisers = np.flatnonzero(norms[at] == 0)
    if minimisers.size:
        first, at, D = int(at[minimisers[-1]]) + 1, at[minimisers[-1] + 1 :], 0.0
    if at.size == 0:  # x_T is a minimiser
        return Problem(np.zeros(0), np.zeros(0), 0.0, at, first, 0, 0)
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
    return Problem(steps, squares, D, at, first, step_exponent, norm_exponent)
