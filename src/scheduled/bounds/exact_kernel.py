"""The recursion of the exact bound, compiled: imported only for schedules that are long enough.

Importing numba takes longer than any short schedule; `scheduled.bounds.exact` holds the same
recursion in numpy, operation for operation, so that both give the same bits. For that reason
nothing here may be reordered or contracted ("fastmath").
"""

import numpy as np

from scheduled.core.arguments import FloatArray
from scheduled.core.compiled import compiled


@compiled
def recursion(
    steps: FloatArray, products: FloatArray, s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    # The values of s are independent of each other: the inner loops run in SIMD lanes, and hide
    # the latency of the division that makes one recursion slow.
    lanes = s.size
    total, total_low = s.copy(), np.zeros(lanes)
    square, square_low = np.zeros(lanes), np.zeros(lanes)
    v = np.ones(lanes)
    for k in range(steps.size - 1, -1, -1):
        step, product = steps[k], products[k]
        for i in range(lanes):
            term = product * v[i]
            term = term * term
            high = square[i] + term
            part = high - square[i]
            square_low[i] += (square[i] - (high - part)) + (term - part)
            square[i] = high
            term = step * v[i]
            high = total[i] + term
            part = high - total[i]
            total_low[i] += (total[i] - (high - part)) + (term - part)
            total[i] = high
            v[i] = s[i] / (high + total_low[i])
    return v, square + square_low
