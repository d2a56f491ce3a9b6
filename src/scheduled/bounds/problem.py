"""What the bounds are made of, at any scale, and the way back to plain numbers.

Learning rates, gradient norms and distances may be as small as 1e-300 or as large as 1e300, each
for itself: squares and quotients are `scheduled.core.wide.Wide`. A result that stands alone is
refused if it is beyond the range of a double of full precision, 2.2e-308 to 1.8e308. Terms, curves
and sweeps are rounded entry by entry: to inf above it, gradually to 0 below it.
"""

import math
import sys
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from scheduled.core.arguments import FloatArray, check_grad_norms, check_number, check_schedule
from scheduled.core.wide import Wide


def check_problem(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float
) -> tuple[FloatArray, Wide, float]:
    """Return η_t and (η_t G_t)², each of shape (N,), and D >= 0."""
    lrs = check_schedule(schedule)
    norms = check_grad_norms(grad_norms, lrs.size)
    products = Wide(lrs) * (norms if np.ndim(grad_norms) else norms[0])
    return lrs, products * products, check_number("D", D)


def in_range(what: str, number: Wide, **given: Any) -> float:
    """Return a scalar as a float, or refuse one that is too large or too small for it.

    Parameters
    ----------
    what : str
        What the number is.
    number : Wide
        A scalar >= 0.
    **given
        The arguments that it comes from.

    Raises
    ------
    ValueError
        If it is above the largest double, or positive and below the smallest one of full precision.

    Examples
    --------
    >>> in_range("bound", Wide(1e-200) * 1e-200, D=1e-200, G=[1e-200, 0.0])
    Traceback (most recent call last):
        ...
    ValueError: D=1e-200 and G up to 1e-200 give a bound of about 1e-400, beyond a double's range
    """
    value = float(number.value())
    if math.isinf(value) or (value < sys.float_info.min and number.mantissa != 0):
        arguments = " and ".join(f"{name}{_size(each)}" for name, each in given.items())
        power = round(number.log() / math.log(10))
        raise ValueError(f"{arguments} give a {what} of about 1e{power}, beyond a double's range")
    return value


def _size(value: ArrayLike) -> str:
    largest = float(np.max(value))
    return f" up to {largest!r}" if np.ndim(value) else f"={largest!r}"
