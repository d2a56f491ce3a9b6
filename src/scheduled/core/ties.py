"""Values that are equal but for rounding: choices among them must not depend on the processor.

Sums in another order, fused multiply-adds and other roots and exponentials move the last bits of a
result. So what is decided by computed numbers is decided with a tolerance: above all that rounding
does, below all that matters.
"""

import numpy as np
from numpy.typing import ArrayLike

# Bounds and best base LRs have relative errors of 3e-14 at most, for up to 10⁷ steps (see
# `scheduled.core.summation`): numbers that are closer, relative to their scale, count as equal.
ROUNDING = 1e-12


def first_smallest(values: ArrayLike, scale: float = 1.0) -> int:
    """Return the index of the first value that only rounding sets apart from the smallest.

    Parameters
    ----------
    values : array, shape (N,)
        N >= 1.
    scale : float
        What the errors of the values are relative to, >= 0.

    Returns
    -------
    int
        The first i with values[i] <= min(values) + 1e-12·scale.

    Examples
    --------
    >>> first_smallest([3.0, 1.0 + 1e-15, 1.0]), first_smallest([3.0, 1.0 + 1e-9, 1.0])
    (1, 2)
    """
    array = np.asarray(values)
    return int(np.argmax(array <= array.min() + ROUNDING * scale))
