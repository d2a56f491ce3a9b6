"""What rounding may not decide: ties, least values and signs of computed numbers.

Processors differ in the order in which they add, and in whether they round between a product and a
sum. Bounds and best base LRs have relative errors of 3e-14 at most, for up to 10⁷ steps (see
`scheduled.core.summation`), so inside `scheduled.bounds` and `scheduled.schedules` numbers closer
than `SUM_ROUNDING` are equal. What is fitted or read from tables is equal within `ROUNDING`: far
above what a processor changes, and far below what a loss, a learning rate or a bound means.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scheduled.core.arguments import FloatArray

ROUNDING = 1e-9
"""Relative difference up to which two numbers of results count as equal."""

SUM_ROUNDING = 1e-12
"""The same of numbers that are computed directly, as sums and a few operations more."""


def tie_groups(values: ArrayLike) -> FloatArray:
    """Number values in their order, those that differ by rounding alike.

    Sorted, a value belongs to the group of the one before it if it exceeds that by no more than
    `ROUNDING`, relatively. So ties are transitive.

    Parameters
    ----------
    values : array, shape (K,)
        Numbers, NaN among them.

    Returns
    -------
    array, shape (K,)
        0, 1, … in the order of the values; NaN where they are.

    Examples
    --------
    >>> tie_groups([0.3, 0.1 + 0.2, 0.1])
    array([1., 1., 0.])
    """
    numbers = np.asarray(values, dtype=np.float64)
    order = np.argsort(numbers, kind="stable")
    ascending = numbers[order]
    apart = np.diff(ascending) > ROUNDING * np.abs(ascending[1:])
    groups = np.full(numbers.size, np.nan)
    groups[order] = np.concatenate([np.zeros(min(numbers.size, 1)), np.cumsum(apart)])
    groups[np.isnan(numbers)] = np.nan
    return groups


def first_least(values: ArrayLike, scale: float = 0.0, rtol: float = ROUNDING) -> int:
    """Return the position of the first of the least values.

    Parameters
    ----------
    values : array, shape (K,)
        Numbers; NaN are passed over.
    scale : float
        What the values are differences of, where rounding goes by its size and not by theirs.
    rtol : float
        Relative difference up to which values count as equal.

    Raises
    ------
    ValueError
        If there are no numbers.

    Examples
    --------
    >>> first_least([2.0, 0.1 + 0.2, 0.3])
    1
    >>> first_least([1.0 + 1e-11, 1.0], rtol=SUM_ROUNDING)
    1
    """
    numbers = np.asarray(values, dtype=np.float64)
    if np.isnan(numbers).all():
        raise ValueError(f"values={numbers.tolist()} must have a number")
    least = float(np.nanmin(numbers))
    return int(np.argmax(numbers <= least + rtol * max(abs(least), scale)))
