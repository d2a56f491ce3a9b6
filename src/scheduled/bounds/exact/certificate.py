"""The worst case with its certificate, its derivatives and the function that reaches it."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.exact.problem import Problem, scale
from scheduled.bounds.exact.solver import solve
from scheduled.core.arguments import (
    FloatArray,
    IntArray,
    check_grad_norms,
    check_iterate,
    check_number,
    check_schedule,
)

# Relative difference of upper and lower value up to which a worst case counts as exact.
TOLERANCE = 1e-10


@dataclass(frozen=True)
class WorstFunction:
    """A convex function on which the method does as badly as it can: the maximum of planes.

    f(x) = max(0, max_k values[k] + ⟨gradients[k], x − points[k]⟩), with its minimum 0 at 0. The
    method started at points[0], with the subgradient gradients[k] at points[k], goes through all
    points.

    Attributes
    ----------
    at : array of int, shape (n+1,)
        The iterates t that the rows stand for: those that a step > 0 leaves, and T.
    points, gradients : array, shape (n+1, n+2)
        x_t and g_t.
    values : array, shape (n+1,)
        f(x_t).
    """

    at: IntArray
    points: FloatArray
    gradients: FloatArray
    values: FloatArray

    def __call__(self, x: ArrayLike) -> float:
        """Return f(x), x of shape (n+2,)."""
        planes = self.values + ((np.asarray(x) - self.points) * self.gradients).sum(axis=1)
        return float(planes.max(initial=0.0))


@dataclass(frozen=True)
class ExactWorstCase:
    """The result of `exact_worst_case`.

    Attributes
    ----------
    value, lower : float
        The values of (U) and (L): the worst case lies between them.
    gradient : array, shape (N,)
        ∂W/∂η_t; 0 from T on. At a step of 0 it is the right derivative; nan where W jumps there, as
        a step of any length brings in a G_t below the norms after it.
    norm_gradient : array, shape (N,)
        ∂W/∂G_t >= 0; 0 where G_t is 0 or has no influence. Where norms are equal, W may have a
        kink: then this lies between the left and the right derivative.
    distance_gradient : float
        ∂W/∂D >= 0.
    function : callable
        Without arguments, returns the `WorstFunction` on which the method reaches `lower`; it
        takes memory for T² numbers.
    """

    value: float
    lower: float
    gradient: FloatArray
    norm_gradient: FloatArray
    distance_gradient: float
    function: Callable[[], WorstFunction]

    @property
    def gap(self) -> float:
        """(value − lower)/value; by rounding it may be slightly below 0."""
        return (self.value - self.lower) / self.value if self.value else 0.0

    @property
    def certified(self) -> bool:
        """Whether the gap is at most `TOLERANCE`."""
        return self.gap <= TOLERANCE


def exact_worst_case(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float, T: int | None = None
) -> ExactWorstCase:
    """Return the worst case with its certificate, its derivatives and the worst function.

    Parameters
    ----------
    schedule, grad_norms, D, T
        As in `exact_bound`.

    Returns
    -------
    ExactWorstCase
        A gap above `TOLERANCE` is not an error: `certified` is then False.

    Raises
    ------
    ValueError
        As in `exact_bound`.

    References
    ----------
    `scheduled.bounds.exact` has the theorem and its proof.

    Examples
    --------
    >>> worst = exact_worst_case([0.5, 0.5, 0.5], grad_norms=[1.0, 0.5, 2.0], D=1.0)
    >>> worst.certified, round(worst.value, 6), worst.gradient.round(6)
    (True, 0.653072, array([0.089125, 0.773708, 0.      ]))
    >>> f = worst.function()
    >>> round(f(f.points[-1]), 6)
    0.653072
    """
    lrs = check_schedule(schedule)
    norms = check_grad_norms(grad_norms, lrs.size)
    D = check_number("D", D)
    T = check_iterate(T, lrs)
    problem = scale(lrs, norms, D, T)
    if problem.squares.size == 0:
        none, nowhere = np.zeros(lrs.size), np.zeros((0, 1))
        function = WorstFunction(problem.at, nowhere, nowhere, np.zeros(0))
        return ExactWorstCase(0.0, 0.0, none, none.copy(), 0.0, lambda: function)
    upper, lower, A, e = solve(problem)
    given: dict[str, Any] = {"D": D, "grad_norms": grad_norms}
    h, g = problem.steps, problem.squares
    roots = np.sqrt(e[1:] - e[:-1]) * np.sqrt(g[:-1] - e[:-1])
    b = e[:-1] - roots
    slopes = np.zeros(lrs.size)
    slopes[problem.at[:-1]] = -np.ldexp(b, 2 * problem.norm_exponent)
    # A step of 0 would put its e between those of its neighbours, without changing them.
    for t in np.flatnonzero(lrs[: T - 1] == 0).tolist():
        following = e[np.searchsorted(problem.at, t)]
        inside = math.ldexp(norms[t], -problem.norm_exponent) ** 2 >= following
        slopes[t] = -math.ldexp(following, 2 * problem.norm_exponent) if inside else math.nan
    slopes[: problem.first] = 0.0
    by_norm = np.zeros(lrs.size)
    B = np.maximum(A[:-1] - A[1:] - h, h * (0.25 * h / A[1:]))
    by_norm[problem.at] = np.ldexp(
        2 * np.sqrt(g) * np.append(B, A[-1]), problem.step_exponent + problem.norm_exponent
    )
    # The same in exact numbers; where D is small, e of the path has lost digits.
    by_distance = problem.D / (2 * A[0]) if problem.D > 0 else math.sqrt(e[0])
    return ExactWorstCase(
        problem.value(upper, **given),
        problem.value(lower, **given) if lower > 0 else 0.0,
        slopes,
        by_norm,
        math.ldexp(by_distance, problem.norm_exponent) if problem.first == 0 else 0.0,
        functools.partial(_worst_function, problem, e, b),
    )


def _worst_function(problem: Problem, e: FloatArray, b: FloatArray) -> WorstFunction:
    h, g, D, n = problem.steps, problem.squares, problem.D, problem.steps.size
    across, moves = np.sqrt(g - e), np.sqrt(e[1:] - e[:-1])
    gradients = np.zeros((n + 1, n + 2))
    gradients[:, 0] = math.sqrt(e[0])
    for j in range(n + 1):
        gradients[j, j + 1] = across[j]
        gradients[j + 1 :, j + 1] = -moves[j] if j < n else 0.0
    points = np.zeros((n + 1, n + 2))
    points[0, 0] = D
    points[1:] = points[0] - np.cumsum(h[:, None] * gradients[:-1], axis=0)
    values = D * math.sqrt(e[0]) - np.append(0.0, np.cumsum(h * b))
    length = problem.step_exponent + problem.norm_exponent
    return WorstFunction(
        problem.at + 1,
        np.ldexp(points, length),
        np.ldexp(gradients, problem.norm_exponent),
        np.ldexp(values, length + problem.norm_exponent),
    )
