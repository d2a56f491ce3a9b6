"""Cumulative sums of non-negative numbers that stay accurate over long schedules."""

import math

import numpy as np

from scheduled.core.arguments import FloatArray

# The longest run of additions one after the other. Shorter ones would cost numpy more time.
BLOCK = 64


def cumulative_sum(values: FloatArray) -> FloatArray:
    """Return the prefix sums of a non-negative array, accurate for millions of entries.

    `numpy.cumsum` adds one number after the other, so its last entries carry a relative error
    of up to n·ε (ε = 1.1e-16): the bounds divide by such sums. Here the array is cut into blocks
    of √n entries, or of 64 if that is less. Sums run within the blocks and, in the same way, over
    the blocks' totals. With m levels of blocks every result has gone through at most 64 m
    additions, and, with all terms non-negative, its relative error is at most 64 m·ε: 2e-14 at
    n = 44,000 (m = 3) and 3e-14 at n = 10⁷ (m = 4), against 5e-12 and 1e-9.

    Parameters
    ----------
    values : array, shape (n,)
        Finite numbers >= 0.

    Returns
    -------
    array, shape (n,)
        Entry i is values[0] + … + values[i].

    Examples
    --------
    >>> cumulative_sum(np.array([1.0, 2.0, 0.0, 4.0]))
    array([1., 3., 3., 7.])
    """
    n = values.size
    if n == 0:
        return np.zeros(0)
    width = min(math.isqrt(n - 1) + 1, BLOCK)
    blocks = -(-n // width)
    padded = np.zeros(blocks * width)
    padded[:n] = values
    within = np.cumsum(padded.reshape(blocks, width), axis=1)
    totals = within[:-1, -1]
    within[1:] += (cumulative_sum(totals) if blocks > BLOCK else np.cumsum(totals))[:, None]
    return within.ravel()[:n]


def suffix_sum(values: FloatArray) -> FloatArray:
    """Return the sums of a non-negative array from each entry to the end.

    Parameters
    ----------
    values : array, shape (n,)
        Finite numbers >= 0.

    Returns
    -------
    array, shape (n,)
        Entry i is values[i] + … + values[n-1], with the error of `cumulative_sum`. It is never
        the difference of two prefix sums, which would lose the small sums near the end.

    Examples
    --------
    >>> suffix_sum(np.array([1.0, 2.0, 0.0, 4.0]))
    array([7., 6., 4., 4.])
    """
    return cumulative_sum(values[::-1])[::-1]
