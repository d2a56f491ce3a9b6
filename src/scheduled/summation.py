"""Cumulative sums of non-negative numbers that stay accurate over long schedules."""

import math

import numpy as np

from scheduled.arguments import FloatArray


def cumulative_sum(values: FloatArray) -> FloatArray:
    """Return the prefix sums of a non-negative array, accurate to about 2√n·ε.

    `numpy.cumsum` adds one number after the other, so its last entries carry a relative error
    of up to n·ε (ε = 1.1e-16): the bounds divide by such sums. Here the array is cut into about
    √n blocks of √n entries. Sums run within the blocks and over the blocks' totals, so every
    result has gone through at most 2√n additions, and, with all terms non-negative, its relative
    error is at most (2√n + 1)·ε: 5e-14 at n = 44,000, against 5e-12.

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
    width = math.isqrt(n - 1) + 1
    blocks = -(-n // width)
    padded = np.zeros(blocks * width)
    padded[:n] = values
    within = np.cumsum(padded.reshape(blocks, width), axis=1)
    within[1:] += np.cumsum(within[:-1, -1])[:, None]
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
