"""Checks of arguments, shared by the schedules and the bounds.

Each check returns the value in its plain form (``int``, ``float``, float64 array) or raises a
ValueError that names the argument, gives its value and says what is allowed.
"""

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

STEPS_LIMIT = 100_000_001
"""As many steps as a schedule may have, T + 1: more is a slip, and takes all memory."""


def shown(value: object) -> str:
    """Return how a message shows a value: numpy's scalars as Python's, a long integer in short."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, int) and abs(value) >= 10**30:
        digits = int(math.log10(2) * abs(value).bit_length())
        return f"{'-' if value < 0 else ''}1e{digits} (about)"
    return repr(value)


def check_integer(name: str, value: object, *, low: int, high: int | None = None) -> int:
    """Return `value` as an int in [low, high]; bools and integral floats are refused.

    Examples
    --------
    >>> check_integer("steps", 0, low=1)
    Traceback (most recent call last):
        ...
    ValueError: steps=0 must be an integer >= 1
    """
    fits = type(value) is int or (isinstance(value, Integral) and not isinstance(value, bool))
    if not fits or value < low or (high is not None and value > high):  # type: ignore[operator]
        allowed = f"an integer >= {low}" if high is None else f"an integer in [{low}, {high}]"
        raise ValueError(f"{name}={shown(value)} must be {allowed}")
    return int(value)  # type: ignore[call-overload, no-any-return]


def check_steps(name: str, value: object, *, low: int = 1, high: int = STEPS_LIMIT) -> int:
    """Return a number of steps as an int in [low, high].

    Examples
    --------
    >>> check_steps("steps", 10**9)
    Traceback (most recent call last):
        ...
    ValueError: steps=1000000000 must be at most 100000001
    """
    count = check_integer(name, value, low=low)
    if count > high:
        raise ValueError(f"{name}={shown(value)} must be at most {high}")
    return count


def check_number(
    name: str,
    value: object,
    *,
    low: float = 0.0,
    high: float = math.inf,
    above: bool = False,
) -> float:
    """Return `value` as a finite float in [low, high], or in (low, high] if `above`.

    Examples
    --------
    >>> check_number("cooldown_len", 1.5, high=1.0)
    Traceback (most recent call last):
        ...
    ValueError: cooldown_len=1.5 must lie in [0, 1]
    """
    # Nearly all are floats, and to ask for a Real takes longer than all the rest.
    is_number = type(value) is float or (isinstance(value, Real) and not isinstance(value, bool))
    try:
        number = float(value) if is_number else math.nan  # type: ignore[arg-type]
    except OverflowError:  # an integer or a fraction that no double holds
        number = math.inf
    # NaN fails the first comparison, so it needs no check of its own.
    if not low <= number <= high or math.isinf(number) or (above and number == low):
        if high < math.inf:
            allowed = f"must lie in {'(' if above else '['}{low:g}, {high:g}]"
        else:
            allowed = f"must be a finite number {'>' if above else '>='} {low:g}"
        raise ValueError(f"{name}={shown(value)} {allowed}")
    return number


def check_flag(name: str, value: object) -> bool:
    """Return `value` if it is True or False."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name}={shown(value)} must be True or False")
    return bool(value)


def check_choice(name: str, value: object, allowed: Sequence[str]) -> str:
    """Return `value` if it is one of the strings `allowed`."""
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name}={shown(value)} must be one of {', '.join(map(repr, allowed))}")
    return value


def refuse_mask(name: str, values: object) -> None:
    """Refuse a masked array: as a plain one it would lose its mask, and all entries would count."""
    if isinstance(values, np.ma.MaskedArray):
        raise ValueError(f"{name} must be a plain array: the mask of a masked one would be lost")


def check_nonnegative(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` (of any shape) as a float64 array of finite numbers >= 0.

    Examples
    --------
    >>> check_nonnegative("grad_norms", [1.0, None])
    Traceback (most recent call last):
        ...
    ValueError: grad_norms[1]=None must be a finite number >= 0
    """
    refuse_mask(name, values)
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name}={values!r} must hold finite numbers >= 0") from None
    if array.dtype.kind == "O":
        names = [f"{name}[{i}]" for i in range(array.size)] if array.ndim else [name]
        checked = [check_number(each, x) for each, x in zip(names, array.flat, strict=True)]
        return np.array(checked, dtype=np.float64).reshape(array.shape)
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name}={values!r} must hold finite numbers >= 0")
    with np.errstate(over="ignore"):
        array = array.astype(np.float64)
    wrong = ~((array >= 0) & (array < np.inf))
    if wrong.any():
        where = f"[{np.flatnonzero(wrong)[0]}]" if array.ndim else ""
        worst = float(array[wrong].flat[0])
        raise ValueError(f"{name}{where}={worst!r} must be a finite number >= 0")
    return array


def check_schedule(schedule: ArrayLike, name: str = "schedule") -> FloatArray:
    """Return `schedule` as a float64 array of shape (N,), N >= 1, finite and >= 0."""
    array = check_nonnegative(name, schedule)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} of shape {array.shape} must have shape (N,) with N >= 1")
    return array


def check_grad_norms(grad_norms: ArrayLike, steps: int) -> FloatArray:
    """Return `grad_norms` (a scalar or one norm a step) as an array of shape (steps,)."""
    array = check_nonnegative("grad_norms", grad_norms)
    if array.shape not in ((), (steps,)):
        raise ValueError(
            f"grad_norms of shape {array.shape} must be a scalar or have shape ({steps},), "
            "one norm a step of the schedule"
        )
    return np.broadcast_to(array, (steps,))


def check_iterate(T: int | None, schedule: FloatArray) -> int:
    """Return the iterate `T` in [1, N]; None stands for the last step with a positive LR."""
    if isinstance(T, float) and T.is_integer():
        T = int(T)  # 50.0, as it comes out of arithmetic
    if T is not None:
        return check_integer("T", T, low=1, high=schedule.size)
    positive = np.flatnonzero(schedule)
    if positive.size == 0:
        raise ValueError("T=None needs a positive LR in the schedule, but all of them are 0")
    return int(positive[-1]) + 1


def check_iterates(at: ArrayLike, steps: int) -> IntArray:
    """Return the iterates `at` as an integer array of shape (K,), all in [1, steps]."""
    refuse_mask("at", at)
    array = np.asarray(at)
    if array.ndim == 1 and array.dtype.kind == "O":  # with an integer that is none of 64 bits
        array = np.array(
            [check_integer(f"at[{i}]", x, low=1, high=steps) for i, x in enumerate(array)]
        )
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise ValueError(f"at={at!r} must be a 1-d array of integers in [1, {steps}]")
    wrong = (array < 1) | (array > steps)
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        raise ValueError(f"at[{first}]={array[first]} must be an integer in [1, {steps}]")
    return array.astype(np.int64)
