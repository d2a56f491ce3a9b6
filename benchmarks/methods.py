"""The plain ways to a whole curve, which ours is compared with."""

import numpy as np

from scheduled.core.arguments import FloatArray


def double_sum_curve(lrs: FloatArray, norms: FloatArray, D: float) -> FloatArray:
    """Return Ω_t for every t by the published double sum, with new inner sums for every t."""
    squares = (lrs * norms) ** 2
    curve = np.empty(lrs.size)
    for t in range(1, lrs.size + 1):
        lr_sums = np.cumsum(lrs[:t][::-1])[::-1]
        square_sums = np.cumsum(squares[:t][::-1])[::-1]
        double = np.sum(lrs[: t - 1] / lr_sums[1:] * (square_sums[:-1] / lr_sums[:-1]))
        curve[t - 1] = (D * D + square_sums[0]) / (2 * lr_sums[0]) + double / 2
    return curve


def loop_curve(lrs: FloatArray, norms: FloatArray, D: float) -> FloatArray:
    """Return Ω_t for every t by the form with one sum, from prefix sums, in a loop over t.

    The fastest that numpy does in a line, and what loses digits: gaps are differences of sums.
    """
    squares = (lrs * norms) ** 2
    sums = np.cumsum(lrs)
    curve = D * D / sums + squares / lrs
    for t in range(1, lrs.size):
        curve[t] += np.sum(squares[:t] / (sums[t] - sums[:t]))
    return 0.5 * curve
