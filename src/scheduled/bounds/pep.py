"""The worst case of the last iterate by performance estimation: a semidefinite program.

Over all convex functions f, points x* and subgradients g_t at x_t with

    x_{t+1} = x_t − η_t g_t for t = 1…T−1,   ‖x_1 − x*‖ <= D,   ‖g_t‖ <= G_t for t = 1…T,

f(x_T) − f* is maximised. A convex f with given values and subgradients at x_1, …, x_T, x* exists if
and only if f_i >= f_j + ⟨g_j, x_i − x_j⟩ for all pairs [1]_, and everything depends on the scalar
products of x_1 − x*, g_1, …, g_T only: hence a semidefinite program in their Gram matrix of size
T+1, with T(T+1) inequalities. Its value is attained in high enough a dimension.

The values published with arXiv:2501.18965 differ, for two faults in the program behind them. It
takes η_{t+1} where the method takes η_t, so that η_1 is skipped; and it bounds ‖g_t‖² by G_t
rather than by G_t², which is the same only for G_t = 1. At T = 60 the tuned WSD schedule
(cooldown of a fifth) has .14207, not the published .13960.

`scheduled.bounds.exact` gives the same value in O(T): this is its cross-check.

References
----------
.. [1] A. Taylor, J. Hendrickx & F. Glineur, arXiv:1502.05666, on interpolation conditions.
.. [2] B. Goujaud et al., arXiv:2201.04040, on PEPit.
.. [3] F. Schaipp et al., arXiv:2501.18965.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike

from scheduled.core.arguments import (
    FloatArray,
    check_grad_norms,
    check_integer,
    check_iterate,
    check_number,
    check_schedule,
)
from scheduled.core.extras import extra

SOLVER = "CLARABEL"
# Two digits beyond the solver's defaults, at the cost of one or two iterations. Where rounding does
# not allow them, it reports its best iterate, "optimal_inaccurate": within its defaults here.
TOLERANCES = {
    **dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-10),
    **dict.fromkeys(("reduced_tol_gap_abs", "reduced_tol_gap_rel", "reduced_tol_feas"), 1e-8),
}
SOLVED = ("optimal", "optimal_inaccurate")


def pep_bound(
    schedule: ArrayLike,
    grad_norms: ArrayLike,
    D: float,
    T: int | None = None,
    verbose: int = 0,
) -> float:
    """Return the worst case of f(x_T) − f* over convex functions, by PEPit and CLARABEL.

    The work grows steeply with T: 0.1 s at T = 12, 2 s at T = 30, 20 s at T = 60.

    Parameters
    ----------
    schedule : array, shape (N,)
        Learning rates η_t >= 0, base LR multiplied in; index t-1 holds step t. The steps
        1…T−1 are used; one of length 0 is left out, with its subgradient.
    grad_norms : float or array, shape (N,)
        Bounds G_t >= 0 on the subgradient norms; G_T is that of x_T itself.
    D : float
        Distance ‖x_1 − x*‖ >= 0.
    T : int, optional
        The iterate, in [1, N]; by default the last one with η_T > 0. As for `exact_bound`, η_T
        itself has no influence.
    verbose : {0, 1, 2}
        Whether to print nothing, what PEPit reports, or the solver's log as well.

    Returns
    -------
    float
        In units of the function value: the dual value, so that the error (about 1e-8
        relatively) is mostly upwards.

    Raises
    ------
    ValueError
        If an argument is out of range.
    RuntimeError
        If the solver does not find the optimum; its status is in the message. To be expected
        where norms or steps are many orders of magnitude apart.

    References
    ----------
    arXiv:1502.05666; arXiv:2201.04040; arXiv:2501.18965.

    Examples
    --------
    With x_1 = x* the first step, of length h G, may lead to a value h G² above f*:

    >>> round(pep_bound([0.5, 0.0], grad_norms=2.0, D=0.0, T=2), 6)
    2.0
    """
    lrs = check_schedule(schedule)
    norms = check_grad_norms(grad_norms, lrs.size)
    D = check_number("D", D)
    T = check_iterate(T, lrs)
    verbose = check_integer("verbose", verbose, low=0, high=2)
    if norms[T - 1] == 0:
        return 0.0  # x_T is a minimiser.
    moving = np.flatnonzero(lrs[: T - 1])
    steps, norms = lrs[moving], norms[[*moving, T - 1]]
    # In units in which D and the largest norm are 1, whatever they were.
    norm = float(norms.max())
    length = D if D > 0 else norm * float(steps.sum())
    if length == 0:
        return 0.0  # x_T = x_1 = x*.
    value = _solve(steps * (norm / length), norms / norm, D > 0, verbose)
    return value * length * norm


def _solve(steps: FloatArray, norms: FloatArray, apart: bool, verbose: int) -> float:
    """Return the worst case; ‖x_1 − x*‖ is at most 1 if `apart`, else 0."""
    with extra("pep_bound"):
        from PEPit import PEP
        from PEPit.functions import ConvexFunction

    problem = PEP()
    function = problem.declare_function(ConvexFunction)
    minimiser = function.stationary_point()
    minimum = function(minimiser)
    if apart:
        x = problem.set_initial_point()
        problem.set_initial_condition((x - minimiser) ** 2 <= 1)
    else:
        x = minimiser
    for step, norm in zip([*steps.tolist(), 0.0], norms.tolist(), strict=True):
        # Each call is another subgradient, at x* too, where 0 is one already.
        gradient, value = function.oracle(x)
        problem.add_constraint(gradient**2 <= norm**2)
        x = x - step * gradient
    problem.set_performance_metric(value - minimum)
    try:
        with warnings.catch_warnings():
            # The status also says whether a solution may be inaccurate.
            warnings.simplefilter("ignore")
            worst = problem.solve(verbose=verbose, wrapper="cvxpy", solver=SOLVER, **TOLERANCES)
        status = problem.wrapper.prob.status
    except Exception as error:
        # Without a solution, PEPit fails in what it computes from it, and hides the reason.
        status = getattr(getattr(problem.wrapper, "prob", None), "status", None)
        if status in SOLVED:
            raise
        raise RuntimeError(_failure(norms.size, status or str(error))) from error
    if status not in SOLVED:
        raise RuntimeError(_failure(norms.size, status))
    return float(worst)


def _failure(iterates: int, status: str) -> str:
    """Say that the solver failed, and what to use instead."""
    return (
        f"{SOLVER} found no optimum of the performance estimation with {iterates} iterates: "
        f"{status}. exact_bound needs no solver"
    )
