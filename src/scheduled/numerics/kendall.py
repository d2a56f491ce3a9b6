"""Kendall's rank correlation, and how likely ranks without any connection are to give it."""

from __future__ import annotations

import functools
import itertools
import math

import numpy as np
from numpy.typing import ArrayLike

from scheduled.core.arguments import FloatArray

# Up to here the distribution is counted out where there are no ties; beyond, the normal one is as
# good: the rule of scipy.stats.kendalltau, whose import takes longer than most of our jobs.
MOST_COUNTED = 33


def kendall_tau(x: ArrayLike, y: ArrayLike) -> tuple[float, float]:
    """Return Kendall's τ-b of pairs of numbers, and its two-sided p-value.

    With C pairs of positions that x and y put in the same order, D in opposite orders, N of all,
    and X and Y of them tied in x and in y,

        τ = (C − D) / √((N − X)(N − Y)).

    Without ties and for at most 33 numbers, the p-value counts permutations, and is exact.
    Otherwise C − D is taken as normal, with the variance that ties leave it.

    Parameters
    ----------
    x, y : array, shape (K,)
        K >= 2 numbers each, none of them NaN, and neither all equal.

    Returns
    -------
    tau : float
        From −1 (opposite orders) to 1 (the same order).
    p_value : float
        The probability of a |τ| as large, were all orders equally likely.

    Raises
    ------
    ValueError
        If the arrays differ in length, hold NaN, or one has no two different numbers.

    References
    ----------
    M. G. Kendall, Rank Correlation Methods, 4th ed., Griffin (1970), chapters 3–5.

    Examples
    --------
    >>> tau, p_value = kendall_tau([1, 2, 3, 4], [1, 2, 4, 3])
    >>> round(tau, 3), round(p_value, 3)
    (0.667, 0.333)
    """
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"x and y, of shapes {a.shape} and {b.shape}, must be of one length")
    for name, values in (("x", a), ("y", b)):
        if np.isnan(values).any() or np.unique(values).size < 2:
            raise ValueError(f"{name}={values.tolist()} must have two different numbers and no NaN")
    first, second = np.triu_indices(a.size, 1)
    signs = np.sign(a[second] - a[first]) * np.sign(b[second] - b[first])
    excess, opposite = int(signs.sum()), int((signs < 0).sum())
    ties, more_ties = _ties(a), _ties(b)
    pairs = a.size * (a.size - 1) // 2
    tau = excess / math.sqrt(pairs - ties[0]) / math.sqrt(pairs - more_ties[0])
    # The roots may round to a product below the excess.
    tau = min(1.0, max(-1.0, tau))
    if ties[0] == more_ties[0] == 0 and a.size <= MOST_COUNTED:
        return tau, _exact_p_value(a.size, opposite)
    return tau, _normal_p_value(a.size, excess, ties, more_ties)


def _ties(values: FloatArray) -> tuple[int, int, int]:
    """Σ t(t−1)/2, Σ t(t−1)(t−2) and Σ t(t−1)(2t+5) over the sizes t of groups of equal numbers."""
    sizes = [int(count) for count in np.unique(values, return_counts=True)[1]]
    return (
        sum(t * (t - 1) // 2 for t in sizes),
        sum(t * (t - 1) * (t - 2) for t in sizes),
        sum(t * (t - 1) * (2 * t + 5) for t in sizes),
    )


def _exact_p_value(count: int, opposite: int) -> float:
    """Twice the part of all permutations with as few inversions, or as few in the other order."""
    pairs = count * (count - 1) // 2
    fewer = min(opposite, pairs - opposite)
    if 2 * fewer == pairs:
        return 1.0  # both tails hold the middle
    return 2 * sum(_inversions(count)[: fewer + 1]) / math.factorial(count)


@functools.cache
def _inversions(count: int) -> tuple[int, ...]:
    """How many permutations of ``count`` numbers have 0, 1, 2, … inversions."""
    numbers = [1]
    for size in range(2, count + 1):
        # The last number may stand before 0 to size − 1 of the others.
        sums = [0, *itertools.accumulate(numbers + [0] * (size - 1))]
        numbers = [sums[k + 1] - sums[max(k + 1 - size, 0)] for k in range(len(sums) - 1)]
    return tuple(numbers)


def _normal_p_value(
    count: int, excess: int, ties: tuple[int, int, int], more_ties: tuple[int, int, int]
) -> float:
    """From the normal distribution with the variance of C − D."""
    m = count * (count - 1)
    variance = (m * (2 * count + 5) - ties[2] - more_ties[2]) / 18
    variance += 2 * ties[0] * more_ties[0] / m
    if count > 2:
        variance += ties[1] * more_ties[1] / (9 * m * (count - 2))
    return math.erfc(abs(excess) / math.sqrt(2 * variance))
