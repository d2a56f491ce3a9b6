"""Numbers of any size: each a double times its own power of two.

The bounds are sums of quotients of squares. Learning rates, gradient norms and distances of 1e-300
or 1e300 are legal, and the bound may be any number, but (η G)² is no double then. Powers of two
are exact: kept apart, every operation rounds as that of doubles does, and none over- or underflows.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scheduled.core.arguments import FloatArray
from scheduled.core.summation import cumulative_sum, suffix_sum

Exponents: TypeAlias = NDArray[np.intc]

# The exponent of 0, below all others, also after an addition of two exponents.
NOTHING = -(2**24)
# Numbers within so many powers of two are handled by plain doubles at once (`Wide.linear`).
BAND = 800


class Wide:
    """Numbers m·2^e, each with its own exponent e: an array (or a scalar, of shape ()).

    Parameters
    ----------
    values : float or array
        Finite numbers.
    exponent : int or array of int
        Of the power of two that multiplies them.

    Examples
    --------
    >>> tiny = Wide([1e-200, 3e-200])
    >>> (tiny * tiny / tiny).value()
    array([1.e-200, 3.e-200])
    >>> float((tiny * tiny).sum().sqrt().value())
    3.1622776601683794e-200
    """

    __slots__ = ("exponent", "mantissa")
    __array_ufunc__ = None  # array * Wide is Wide's to compute

    def __init__(self, values: ArrayLike, exponent: Exponents | int = 0) -> None:
        self._settle(np.array(values, dtype=np.float64), exponent)

    def _settle(self, values: FloatArray, exponent: Exponents | int) -> None:
        """Take an array as the mantissas, in place: new memory takes longer than computing."""
        shift = np.empty(values.shape, dtype=np.intc)
        np.frexp(values, out=(values, shift))
        shift += exponent
        if not (values.all() if values.ndim else values):  # of a scalar in a tenth of the time
            shift[values == 0] = NOTHING
        self.mantissa: FloatArray = values
        self.exponent: Exponents = shift

    def value(self, exponent: int = 0) -> FloatArray:
        """Return the numbers over 2^exponent as doubles, correctly rounded.

        Beyond the range of a double that is inf, or 0.
        """
        with np.errstate(over="ignore", under="ignore"):
            return np.ldexp(self.mantissa, self.exponent - exponent)

    def log(self) -> float:
        """Return the natural logarithm of a scalar > 0."""
        value = float(self.value())
        if 2.0**-1022 <= value < math.inf:
            return math.log(value)
        return math.log(float(self.mantissa)) + int(self.exponent) * math.log(2.0)

    @property
    def largest_exponent(self) -> int:
        """The exponent of the largest number, or 0 if all are 0."""
        return int(self.exponent.max(initial=NOTHING)) if self.mantissa.any() else 0

    def sum(self) -> Wide:
        """Return the sum of all numbers."""
        exponent = self.largest_exponent
        return Wide(self.value(exponent).sum(), exponent)

    def sqrt(self) -> Wide:
        """Return the square roots of numbers >= 0."""
        odd = self.exponent & 1
        return Wide(np.sqrt(np.ldexp(self.mantissa, odd)), (self.exponent - odd) >> 1)

    def cumulative_sum(self) -> Wide:
        """Return the prefix sums of an array of numbers >= 0; see `scheduled.core.summation`."""
        return self.linear(cumulative_sum)

    def suffix_sum(self) -> Wide:
        """Return the sums from each entry to the end of an array of numbers >= 0."""
        return self.linear(suffix_sum)

    def linear(self, function: Callable[[FloatArray], FloatArray]) -> Wide:
        """Return a linear function with coefficients >= 0 of an array of numbers >= 0.

        The function is called once for every `BAND` powers of two that the numbers extend over
        (nearly always that is once), with doubles between 2^-400 and 2^400, and 0 for the others.
        """
        if not self.mantissa.any():
            return Wide(function(self.mantissa))
        low, high = int(self.exponent[self.mantissa != 0].min()), self.largest_exponent
        middles = range(low + BAND // 2, high + BAND // 2 + 1, BAND)
        if len(middles) == 1:
            return _settled(function(self.value(middles[0])), middles[0])
        parts = [_settled(function(self._band(middle)), middle) for middle in middles]
        return functools.reduce(operator.add, parts)

    def _band(self, middle: int) -> FloatArray:
        inside = (self.exponent >= middle - BAND // 2) & (self.exponent < middle + BAND // 2)
        return np.ldexp(np.where(inside, self.mantissa, 0.0), self.exponent - middle)

    def append(self, other: Wide) -> Wide:
        """Return one array (or scalar) behind the other."""
        mantissa = np.append(self.mantissa, other.mantissa)
        return _pair(mantissa, np.append(self.exponent, other.exponent))

    def shifted(self, exponent: int) -> Wide:
        """Return the numbers times 2^exponent."""
        return _pair(self.mantissa, self.exponent + np.intc(exponent))

    def __getitem__(self, where: Any) -> Wide:
        return _pair(np.asarray(self.mantissa[where]), np.asarray(self.exponent[where]))

    def __mul__(self, other: Wide | ArrayLike) -> Wide:
        other = _wide(other)
        return _settled(self.mantissa * other.mantissa, self.exponent + other.exponent)

    def __truediv__(self, other: Wide | ArrayLike) -> Wide:
        other = _wide(other)
        return _settled(self.mantissa / other.mantissa, self.exponent - other.exponent)

    def __rtruediv__(self, other: ArrayLike) -> Wide:
        return _wide(other) / self

    def __add__(self, other: Wide | ArrayLike) -> Wide:
        other = _wide(other)
        exponent = np.maximum(self.exponent, other.exponent)
        left = np.ldexp(self.mantissa, self.exponent - exponent)
        left = left + np.ldexp(other.mantissa, other.exponent - exponent)
        return _settled(left, exponent)

    def __sub__(self, other: Wide) -> Wide:
        return self + other * -1.0

    __rmul__ = __mul__
    __radd__ = __add__

    def __repr__(self) -> str:
        return f"Wide({self.mantissa!r}, {self.exponent!r})"


def _pair(mantissa: FloatArray, exponent: Exponents) -> Wide:
    number = Wide.__new__(Wide)
    number.mantissa, number.exponent = mantissa, exponent
    return number


def _settled(values: FloatArray, exponent: Exponents | int) -> Wide:
    """Return the Wide of an array that nobody else needs."""
    number = Wide.__new__(Wide)
    number._settle(np.asarray(values), exponent)
    return number


def _wide(value: Wide | ArrayLike) -> Wide:
    return value if isinstance(value, Wide) else Wide(value)


def without_exponent(values: FloatArray) -> tuple[FloatArray, int]:
    """Return numbers >= 0 over a power of two, and its exponent: such that they lie around 1.

    The power is the middle of those of the numbers that are not 0, or more, so that sums of 2^40 of
    them are finite. Numbers that extend over 980 powers of two at most lie within 2^±490, so that
    products and quotients of two of them are doubles. The scaling itself is exact for all numbers
    from 1e-300 to 1e300.

    Parameters
    ----------
    values : array
        Finite numbers >= 0.

    Returns
    -------
    scaled : array, shape of `values`
    exponent : int
        values = scaled · 2^exponent; 0 if all numbers are 0 or between 1 and 2 (so 1 stays 1).

    Examples
    --------
    >>> without_exponent(np.array([2.0**300, 0.0, 2.0**320]))
    (array([9.765625e-04, 0.000000e+00, 1.024000e+03]), 310)
    >>> without_exponent(np.array([1.5]))
    (array([1.5]), 0)
    """
    largest = float(values.max(initial=0.0))
    if largest == 0:
        return values, 0
    smallest = float(values.min())
    if smallest == 0:
        smallest = float(values[values > 0].min())
    low, high = math.frexp(smallest)[1] - 1, math.frexp(largest)[1] - 1
    exponent = max((low + high) // 2, high - 980)
    return (np.ldexp(values, -exponent) if exponent else values), exponent
