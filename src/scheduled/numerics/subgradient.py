"""The subgradient method, run on a small convex problem.

The problem is to minimise f(w) = ‖Xw − y‖_∞ over w, with y = X w⁰: so f* = 0 at w* = w⁰, and f is
G-Lipschitz with G = max_i ‖x_i‖, x_i the rows of X. It has all that the bounds ask for, and
f(x_t) <= Ω_t can be seen.

References
----------
.. [1] F. Schaipp et al., arXiv:2501.18965, the convex example.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scheduled.core.arguments import FloatArray, check_integer, check_number, check_schedule
from scheduled.core.rounding import SUM_ROUNDING, first_least


@dataclass(frozen=True)
class MaxNormRegression:
    """Minimise ‖Xw − y‖_∞ with y = X w⁰, from the start 0.

    Attributes
    ----------
    X : array, shape (n, d)
    solution : array, shape (d,)
        w⁰, where f is 0.
    """

    X: FloatArray
    solution: FloatArray

    @property
    def D(self) -> float:
        """The distance of the solution from the start 0."""
        return _norm(self.solution)

    @property
    def G(self) -> float:
        """The Lipschitz constant of f, and so a bound on all subgradient norms."""
        return max(_norm(row) for row in self.X)

    def objective(self, w: ArrayLike) -> FloatArray:
        """Return f at one point or at many, w of shape (d,) or (…, d)."""
        offsets = np.asarray(w, dtype=np.float64) - self.solution
        # Not a matrix product, whose last bits depend on the BLAS in use.
        return np.asarray(np.abs((offsets[..., None, :] * self.X).sum(axis=-1)).max(axis=-1))

    def subgradient(self, w: FloatArray) -> FloatArray:
        """Return a subgradient of f: that of the first row with the largest residual.

        Residuals that only rounding sets apart count as equal: the one row's subgradient is as good
        as the other's, but all that follows depends on the choice.
        """
        residuals = ((w - self.solution) * self.X).sum(axis=1)
        sizes = np.abs(residuals)
        row = first_least(-sizes, float(sizes.max()), SUM_ROUNDING)
        return np.asarray(np.sign(residuals[row]) * self.X[row])


@dataclass(frozen=True)
class SubgradientRun:
    """The iterates of a run.

    Attributes
    ----------
    objective : array, shape (N,)
        f(x_t) at index t-1.
    iterates : array, shape (N, d)
        x_t.
    grad_norms : array, shape (N,)
        ‖g_t‖ of the subgradient at x_t.
    """

    objective: FloatArray
    iterates: FloatArray
    grad_norms: FloatArray


def max_norm_regression(
    seed: int = 0, rows: int = 20, dimension: int = 2, distance: float = 5.0
) -> MaxNormRegression:
    """Return a random problem: X uniform in [−1, 1], and w⁰ in a random direction.

    Parameters
    ----------
    seed : int
        Seed >= 0 of the random numbers (numpy's PCG64); the same seed gives the same problem.
    rows, dimension : int
        The shape (n, d) of X, both >= 1.
    distance : float
        ‖w⁰‖ > 0, which is D of the bounds.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    arXiv:2501.18965, the convex example.

    Examples
    --------
    >>> problem = max_norm_regression(seed=1)
    >>> problem.X.shape, float(problem.objective(problem.solution)), round(problem.D, 12)
    ((20, 2), 0.0, 5.0)
    """
    seed = check_integer("seed", seed, low=0)
    shape = check_integer("rows", rows, low=1), check_integer("dimension", dimension, low=1)
    distance = check_number("distance", distance, above=True)
    rng = np.random.Generator(np.random.PCG64(seed))
    X = rng.uniform(-1.0, 1.0, shape)
    direction = rng.standard_normal(shape[1])
    return MaxNormRegression(X, distance * direction / _norm(direction))


def run_subgradient_method(problem: MaxNormRegression, schedule: ArrayLike) -> SubgradientRun:
    """Run x_{t+1} = x_t − η_t g_t from x_1 = 0.

    Parameters
    ----------
    problem : MaxNormRegression
    schedule : array, shape (N,)
        Learning rates η_t >= 0, base LR multiplied in. The last one is not used, as x_N is the
        last iterate: with the N = T + 1 steps of a schedule, x_T is the one before.

    Returns
    -------
    SubgradientRun

    Raises
    ------
    ValueError
        If the schedule is not an array of finite numbers >= 0.

    References
    ----------
    arXiv:2501.18965, the convex example.

    Examples
    --------
    >>> from scheduled import WSDSchedule
    >>> problem = max_norm_regression()
    >>> S = WSDSchedule(401, cooldown_len=0.2, base_lr=0.02)
    >>> run = run_subgradient_method(problem, S.schedule)
    >>> bool(run.objective[399] <= S.compute_rate(problem.G, problem.D, T=400))
    True
    """
    lrs = check_schedule(schedule)
    iterates = np.zeros((lrs.size, problem.solution.size))
    grad_norms = np.zeros(lrs.size)
    for index, lr in enumerate(lrs.tolist()):
        step = problem.subgradient(iterates[index])
        grad_norms[index] = _norm(step)
        if index + 1 < lrs.size:
            iterates[index + 1] = iterates[index] - lr * step
    return SubgradientRun(problem.objective(iterates), iterates, grad_norms)


def _norm(vector: FloatArray) -> float:
    return float(np.sqrt((vector * vector).sum()))
