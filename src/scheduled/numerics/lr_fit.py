"""A curve for the loss over the base learning rate, with an optimum.

The bound of a schedule is Ω_T(γ) = 𝒯₁/γ + γ𝒯₂ (arXiv:2501.18965), and a loss is that above the
lowest possible loss, which is not known: L(γ) = A/γ + Bγ + C.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scheduled.core.arguments import FloatArray
from scheduled.core.rounding import ROUNDING
from scheduled.numerics.ratio_interval import ratio_interval

LEVEL = 0.95
"""Confidence of the intervals, unless another is asked for."""
COEFFICIENTS = 3


@dataclass(frozen=True)
class LossOverLrFit:
    """The fit A/γ + Bγ + C.

    Attributes
    ----------
    A, B, C : float
        The coefficients, >= 0; 0 also where rounding alone made one (`fit_loss_over_lr`).
    points : int
        Number of losses fitted.
    squares : float
        Sum of the squared residuals.
    spread : array, shape (2, 2)
        Covariance matrix of A and B over the variance of a loss.
    low, high : float
        The smallest and the largest base LR.
    """

    A: float
    B: float
    C: float
    points: int
    squares: float
    spread: FloatArray
    low: float
    high: float

    @property
    def optimum(self) -> float:
        """√(A/B), the best base LR."""
        return math.sqrt(self.A / self.B) if self.B else math.inf

    @property
    def loss_at_optimum(self) -> float:
        """2√(AB) + C, the loss there."""
        return 2 * math.sqrt(self.A * self.B) + self.C

    @property
    def rms(self) -> float:
        """Root mean square of the residuals."""
        return math.sqrt(self.squares / self.points)

    @property
    def freedom(self) -> int:
        """Degrees of freedom that the residuals have: points beyond the three coefficients."""
        return self.points - COEFFICIENTS

    @property
    def is_inside(self) -> bool:
        """Whether the optimum lies among the learning rates tried, their ends included."""
        return self.low * (1 - ROUNDING) <= self.optimum <= self.high * (1 + ROUNDING)

    @property
    def why_no_optimum(self) -> str:
        """Why there is no optimum; empty where there is one."""
        if self.A == 0:
            return (
                "the loss does not fall with the learning rate anywhere (A = 0): "
                f"the best one lies below the smallest tried, {self.low:g}"
            )
        if self.B == 0:
            return (
                "the loss falls up to the largest learning rate (B = 0): "
                f"the best one lies above {self.high:g}"
            )
        return ""

    def interval(self, variance: float, freedom: int, level: float = LEVEL) -> tuple[float, float]:
        """Confidence interval of the optimum, by Fieller's theorem for A/B.

        Parameters
        ----------
        variance : float
            Of a loss about the curve.
        freedom : int
            Its degrees of freedom.
        level : float
            The confidence.

        Returns
        -------
        low, high : float
            0 and infinity where it has no such end.
        """
        from scipy.special import stdtrit

        (var_a, cov), (_, var_b) = variance * self.spread
        quantile = float(stdtrit(freedom, (1 + level) / 2))
        low, high = ratio_interval(self.A, self.B, var_a, cov, var_b, quantile)
        return math.sqrt(low), math.sqrt(high)


def fit_loss_over_lr(lrs: ArrayLike, losses: ArrayLike) -> LossOverLrFit:
    """Fit L(γ) = A/γ + Bγ + C, A, B, C >= 0, by least squares.

    L is linear in the coefficients, so this is a convex problem, which non-negative least squares
    solve exactly: no starting point, and none to vary. Over √(γ_min γ_max) the columns are of one
    size.

    Where the losses do not rise, or do not fall, the solver leaves B or A at 0 or at what rounding
    makes of it, which differs between processors. So a coefficient is 0 if its term changes over
    the learning rates tried (C: if it is itself) by `ROUNDING` of the largest loss or less. No loss
    is measured that well.

    Parameters
    ----------
    lrs : array, shape (K,)
        Base learning rates γ > 0, at least 3 different ones.
    losses : array, shape (K,)
        The loss at each.

    Returns
    -------
    LossOverLrFit

    Raises
    ------
    ValueError
        If fewer than 3 learning rates differ, or a number is not finite.

    References
    ----------
    arXiv:2501.18965, on the best base learning rate of its 124M runs.

    Examples
    --------
    >>> fit = fit_loss_over_lr([0.5, 1, 2, 4], [6.5, 5.0, 5.0, 6.5])  # 2/γ + γ + 2
    >>> round(fit.A, 9), round(fit.B, 9), round(fit.C, 9), round(fit.optimum**2, 9)
    (2.0, 1.0, 2.0, 2.0)
    """
    from scipy.optimize import nnls

    x, y = np.asarray(lrs, dtype=np.float64), np.asarray(losses, dtype=np.float64)
    if not (np.isfinite(x).all() and np.isfinite(y).all() and (x > 0).all()):
        raise ValueError(f"lrs={lrs!r} must be positive, and losses={losses!r} finite numbers")
    if np.unique(x).size < COEFFICIENTS:
        raise ValueError(f"lrs={lrs!r} must have {COEFFICIENTS} different ones or more")
    unit = math.sqrt(x.min() * x.max())
    columns = np.column_stack([unit / x, x / unit, np.ones_like(x)])
    solution, norm = nnls(columns, y)
    reach = np.append(np.ptp(columns[:, :2], axis=0), 1.0)
    # Coefficients at 0 are where they may not go below: the others are as if these did not exist.
    kept = solution * reach > ROUNDING * np.abs(y).max()
    solution = np.where(kept, solution, 0.0)
    inverse = np.zeros((COEFFICIENTS, COEFFICIENTS))
    inverse[np.ix_(kept, kept)] = np.linalg.inv(columns[:, kept].T @ columns[:, kept])
    scale = np.array([unit, 1 / unit])
    a, b = solution[:2] * scale
    spread = inverse[:2, :2] * np.outer(scale, scale)
    return LossOverLrFit(
        float(a), float(b), float(solution[2]), x.size, float(norm) ** 2, spread,
        float(x.min()), float(x.max()),
    )  # fmt: skip


def pooled_variance(fits: Iterable[LossOverLrFit]) -> tuple[float, int]:
    """The variance of a loss about its curve, from the residuals of several fits together.

    Returns
    -------
    variance : float
        Missing (NaN) where no fit has more points than coefficients.
    freedom : int
        Its degrees of freedom.
    """
    kept = list(fits)
    freedom = sum(fit.freedom for fit in kept)
    return sum(fit.squares for fit in kept) / freedom if freedom else math.nan, freedom
