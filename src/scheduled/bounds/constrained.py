"""The schedule with the least exact worst case among those that meet constraints.

The upper problem (U) of `scheduled.bounds.exact` is convex in A and the learning rates together:
minimised over both, with linear constraints on the learning rates, it is a second-order cone
program. h_j²/(4A_j) <= B_j is ‖(h_j, A_j − B_j)‖ <= A_j + B_j. The solver finds the schedule; its
worst case is then computed exactly.

References
----------
.. [1] P. Goulart & Y. Chen, arXiv:2405.12762, on CLARABEL.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.exact.values import exact_bound
from scheduled.core.arguments import (
    STEPS_LIMIT,
    FloatArray,
    IntArray,
    check_flag,
    check_grad_norms,
    check_integer,
    check_number,
    check_steps,
)
from scheduled.core.extras import extra

SOLVER = "CLARABEL"
TOLERANCES = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-10)
SOLVED = ("optimal", "optimal_inaccurate")


@dataclass(frozen=True)
class ConstrainedSchedule:
    """The result of `minimize_exact`.

    Attributes
    ----------
    schedule : array, shape (T,)
        Learning rates η_1, …, η_T. The last one has no influence on x_T.
    bound : float
        Its exact worst case.
    lower : float
        The value of the solver's dual problem: no schedule that meets the constraints is better,
        up to the accuracy with which the solver meets its own.
    """

    schedule: FloatArray
    bound: float
    lower: float

    @property
    def gap(self) -> float:
        """(bound − lower)/bound."""
        return (self.bound - self.lower) / self.bound


def minimize_exact(
    T: int,
    grad_norms: ArrayLike = 1.0,
    D: float = 1.0,
    *,
    warmup_steps: int = 0,
    floor: float = 0.0,
    decreasing: bool = False,
    milestones: Sequence[int] | None = None,
) -> ConstrainedSchedule:
    """Return the schedule with the least exact worst case at iterate T that meets constraints.

    Without any, that is `optimal_schedule_for`. The cost is about that of a sparse system of
    equations with T unknowns, some twenty times: 0.1 s at T = 1000.

    Parameters
    ----------
    T : int
        The iterate, >= 2.
    grad_norms : float or array, shape (T,)
        Bounds G_t > 0 on the (expected) subgradient norms.
    D : float
        Distance ‖x_1 − x*‖ > 0.
    warmup_steps : int
        W in [0, T−2]: η_t = η_{W+1} (t − 1)/W for t <= W, as in all schedules of the package. The
        other constraints are on the steps after it.
    floor : float
        In [0, 1]: no learning rate is below this fraction of any other.
    decreasing : bool
        Whether no learning rate may be above the one before it.
    milestones : sequence of int, optional
        The only steps, counted from 0 and after the warm-up, at which the learning rate may change.

    Returns
    -------
    ConstrainedSchedule

    Raises
    ------
    ValueError
        If an argument is out of range.
    RuntimeError
        If the solver does not find the optimum; its status is in the message.

    References
    ----------
    The module's docstring has the program.

    Examples
    --------
    The least of all is DG/√T, here .1; a warm-up of a fifth costs 3 % of that:

    >>> found = minimize_exact(100, warmup_steps=20)
    >>> round(found.bound, 4), abs(found.gap) < 1e-6
    (0.1032, True)
    """
    T = check_steps("T", T, low=2, high=STEPS_LIMIT - 1)
    norms = check_grad_norms(grad_norms, T)
    if not norms.all():
        where = f"[{np.flatnonzero(norms == 0)[0]}]" if np.ndim(grad_norms) else ""
        raise ValueError(f"grad_norms{where}=0.0 must be > 0, or no finite schedule is best")
    D = check_number("D", D, above=True)
    warmup_steps = check_integer("warmup_steps", warmup_steps, low=0, high=T - 2)
    floor = check_number("floor", floor, high=1.0)
    decreasing = check_flag("decreasing", decreasing)
    pieces = _pieces(milestones, warmup_steps, T)
    # At the scale of 1: the η of a step is about D/(G √T), and A about D √T/G.
    G = math.exp(float(np.log(norms).mean()))
    shape, lower = _solve(norms / G, warmup_steps, floor, decreasing, pieces)
    schedule = shape * (D / G / math.sqrt(T))
    return ConstrainedSchedule(schedule, exact_bound(schedule, norms, D, T), lower * D * G)


def _pieces(milestones: Sequence[int] | None, warmup_steps: int, T: int) -> IntArray:
    """Return the number of the free learning rate that holds at each step, shape (T,)."""
    after = np.arange(T)
    if milestones is not None:
        last = warmup_steps
        for i, milestone in enumerate(milestones):
            name = f"milestones[{i}]"
            last = check_integer(name, milestone, low=last + 1, high=T - 2)
        after = np.searchsorted(np.array(milestones), after, side="right")
    # All of the warm-up goes with the first free one.
    numbers: IntArray = np.maximum(after - after[warmup_steps], 0)
    return numbers


def _solve(
    norms: FloatArray, warmup_steps: int, floor: float, decreasing: bool, pieces: IntArray
) -> tuple[FloatArray, float]:
    """Return the learning rates and the dual value, for D = 1 and norms about 1."""
    with extra("minimize_exact"):
        import cvxpy
    from scipy.sparse import csr_array

    T = norms.size
    factors = np.ones(T)
    factors[:warmup_steps] = np.arange(warmup_steps) / max(warmup_steps, 1)
    # The last step has no influence: it holds what its piece does, or the least that is allowed.
    free = cvxpy.Variable(int(pieces[T - 2]) + 1, nonneg=True)
    used = np.flatnonzero(factors[: T - 1])
    spread = csr_array((factors[used], (np.arange(used.size), pieces[used])))
    h, g = spread @ free, norms[[*used, T - 1]] ** 2
    root = math.sqrt(T)
    A, B = cvxpy.Variable(used.size + 1), cvxpy.Variable(used.size)
    # In units of 1/√T for h and B, and of √T for A.
    constraints = [
        T * (A[:-1] - A[1:]) - h <= B,
        cvxpy.SOC(A[1:] + B, cvxpy.vstack([h / root, A[1:] - B]), axis=0),  # type: ignore[attr-defined]
    ]
    if decreasing and free.size > 1:
        constraints.append(free[1:] <= free[:-1])
    if floor > 0:
        largest = cvxpy.Variable()
        constraints += [free <= largest, free >= floor * largest]
    start = cvxpy.Variable()
    constraints.append(cvxpy.SOC(A[0] + start, cvxpy.hstack([1.0, A[0] - start])))  # type: ignore[attr-defined]
    cost = start + g[:-1] @ B + T * g[-1] * A[-1]
    problem = cvxpy.Problem(cvxpy.Minimize(cost), constraints)
    data, chain, inverse = problem.get_problem_data(SOLVER, solver_opts=TOLERANCES)
    with warnings.catch_warnings():
        # The status also says whether a solution may be inaccurate.
        warnings.simplefilter("ignore")
        solution = chain.solve_via_data(problem, data, solver_opts=TOLERANCES)
        problem.unpack_results(solution, chain, inverse)
    if problem.status not in SOLVED:
        raise RuntimeError(f"{SOLVER} found no optimum with {T} iterates: {problem.status}")
    values = np.maximum(np.asarray(free.value), 0.0)
    if decreasing:
        values = np.minimum.accumulate(values)
    lrs = factors * np.append(values, floor * values.max())[np.minimum(pieces, values.size)]
    return lrs, float(solution.obj_val_dual) / root
