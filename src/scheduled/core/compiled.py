"""The one way in which functions here are compiled: imported only where numba is needed."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Return the function compiled at its first call, and kept on disk for later processes.

    numba keeps the machine code beside the module, or in the user's cache directory where the
    package lies in a directory that cannot be written. Where neither can be, a process compiles
    for itself. `NUMBA_CACHE_DIR` names another place.

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

    Examples
    --------
    >>> @compiled
    ... def double(x: float) -> float:
    ...     return 2 * x
    >>> double(1.5)
    3.0
    """
    try:
        jitted = numba.njit(cache=True, error_model="numpy")(function)
    except RuntimeError:  # "no locator available": no directory can be written
        jitted = numba.njit(error_model="numpy")(function)
    return cast(Function, jitted)
