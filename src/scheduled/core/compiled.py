"""The one way in which functions here are compiled, where numba is installed."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np

from scheduled.core.extras import MissingExtra

try:
    import numba
except ModuleNotFoundError:  # the extra [fast]
    numba = None  # type: ignore[assignment, unused-ignore]

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Return the function compiled at its first call, and kept on disk for later processes.

    numba keeps the machine code beside the module, or in the user's cache directory where the
    package lies in a directory that cannot be written. Where neither can be, a process compiles
    for itself. `NUMBA_CACHE_DIR` names another place.

    Without numba, Python runs the function itself: the same bits, about a hundred times slower.
    Where compiled code would go on from an infinity, as after log 0, numba is asked for.

    The order of operations stays as written ("fastmath" is off), so results are the same bit for
    bit in every run, and with vector instructions of any width.

    numba notices a change of the file that a function stands in, but not of the files of other
    functions that it calls, nor of constants that it imports. So compiled functions call those of
    their own module only, and get everything else as an argument.

    Parameters
    ----------
    function : callable
        A function of scalars and arrays within numba's reach.

    Returns
    -------
    callable
        With the same signature.

    Raises
    ------
    MissingExtra
        From the function that is returned; see above.

    Examples
    --------
    >>> @compiled
    ... def double(x: float) -> float:
    ...     return 2 * x
    >>> double(1.5)
    3.0
    """
    if numba is None:

        @functools.wraps(function)
        def plain(*arguments: Any) -> Any:
            try:
                with np.errstate(all="ignore"):
                    return function(*arguments)
            except (ValueError, OverflowError):  # of math.log(0.0) or math.exp(1e3)
                raise MissingExtra("numba", "a worst case at the limits of doubles") from None

        return cast(Function, plain)
    try:
        jitted = numba.njit(cache=True, error_model="numpy")(function)
    except RuntimeError:  # "no locator available": no directory can be written
        jitted = numba.njit(error_model="numpy")(function)
    return cast(Function, jitted)
