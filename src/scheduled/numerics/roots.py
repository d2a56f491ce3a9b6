"""Roots of functions of one variable, found from a start on."""

from collections.abc import Callable

import numpy as np

from scheduled.core.arguments import FloatArray
from scheduled.core.rounding import SUM_ROUNDING, first_least

# A search looks at that many points first, and then closer around the best of them if need be.
SCAN = 64


def is_root(value: float) -> bool:
    """Return whether a value, of the order of 1 elsewhere, is 0 but for rounding."""
    return abs(value) <= SUM_ROUNDING


def crosses(function: Callable[[float], float], left: float, right: float) -> bool:
    """Return whether a root lies between two points, or at one of them.

    Examples
    --------
    >>> [crosses(lambda x: x - 1.0, *ends) for ends in ((0.0, 3.0), (1.0 + 1e-15, 3.0), (2.0, 3.0))]
    [True, True, False]
    """
    low, high = function(left), function(right)
    return is_root(low) or is_root(high) or (low > 0) != (high > 0)


def first_crossing(
    function: Callable[[float], float], points: FloatArray, start: float
) -> tuple[tuple[float, float] | None, float]:
    """Return the first bracket of a root on the way from `start`, and the point closest to 0.

    Between the points the function may still touch 0: then the search goes on around the best
    point, four times with ever closer ones (whole numbers, if the points are).

    Parameters
    ----------
    function : callable
        Called again and again at the same points: cache it where it is dear.
    points : array, shape (K,)
        Monotone, with `start` at one end.
    start : float

    Returns
    -------
    bracket : tuple of two floats, or None
        Neighbouring points between which the function changes its sign, the nearer one first.
    closest : float
        Where there is no bracket: the first point with the smallest absolute value.

    Examples
    --------
    >>> first_crossing(lambda x: x * x - 2.0, np.arange(5.0), start=4.0)[0]
    (2.0, 1.0)
    >>> first_crossing(lambda x: (x - 2.0) ** 2 + 1.0, np.arange(5.0), start=0.0)
    (None, 2.0)
    """
    whole = bool((points == np.rint(points)).all())
    ordered = points if points[0] == start else points[::-1]
    closest = start
    for _ in range(4):
        for left, right in zip(ordered[:-1].tolist(), ordered[1:].tolist(), strict=True):
            if crosses(function, left, right):
                return (left, right), closest
        index = first_least([abs(function(x)) for x in ordered.tolist()])
        closest = float(ordered[index])
        ends = ordered[max(index - 1, 0)], ordered[min(index + 1, ordered.size - 1)]
        ordered = np.linspace(*ends, SCAN)
        if whole:
            ordered = np.rint(ordered)
            ordered = ordered[np.append(True, np.diff(ordered) != 0)]
    return None, closest
