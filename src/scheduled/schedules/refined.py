"""Schedules refined from measured gradient norms."""

import math
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from scheduled.core.arguments import (
    FloatArray,
    check_choice,
    check_nonnegative,
    check_number,
    check_schedule,
)
from scheduled.core.rounding import SUM_ROUNDING
from scheduled.core.summation import suffix_sum
from scheduled.schedules.base import Schedule
from scheduled.schedules.tabulated import TabulatedSchedule

RefinedMethod: TypeAlias = Literal["sgd", "adam"]
# The weight of a step is this power of its gradient norm.
WEIGHT_POWERS: dict[str, int] = {"sgd": -2, "adam": -1}


@dataclass(kw_only=True)
class RefinedSchedule(Schedule):
    """The schedule that is best for gradient norms measured in a run: see `refined_schedule`.

    Parameters
    ----------
    grad_norms : tuple of float
        Measured norms > 0, evenly over all steps from the first to the last, warm-up included;
        between them their logarithm goes linearly. One norm alone is a constant.
    method : {"sgd", "adam"}
        The kind of weights; for "adam", `grad_norms` are ℓ1 norms.
    smoothing : float
        Width of the median filter, in [0, 1], as a fraction of the steps.

    The others are those of `Schedule`.

    References
    ----------
    A. Defazio et al., arXiv:2310.07831, schedule refinement.

    Examples
    --------
    >>> RefinedSchedule(5).schedule
    array([1.  , 0.75, 0.5 , 0.25, 0.  ])
    >>> RefinedSchedule(5, grad_norms=(4.0, 1.0), smoothing=0.0).schedule.round(3)
    array([0.234, 0.438, 0.75 , 1.   , 0.   ])
    """

    kind: ClassVar[str] = "refined"

    grad_norms: tuple[float, ...] = field(
        default=(1.0,), metadata={"description": "measured norms, evenly over the run"}
    )
    method: RefinedMethod = field(
        default="sgd", metadata={"description": "kind of weights: Euclidean or ℓ1 norms"}
    )
    smoothing: float = field(
        default=0.1, metadata={"description": "width of the median filter, as a fraction"}
    )

    def validate(self) -> None:
        super().validate()
        norms = check_schedule(self.grad_norms, "grad_norms")
        if not norms.all():
            where = int(np.flatnonzero(norms == 0)[0])
            raise ValueError(f"grad_norms[{where}]=0.0 must be > 0")
        check_choice("method", self.method, tuple(WEIGHT_POWERS))
        self.smoothing = check_number("smoothing", self.smoothing, high=1.0)

    def main_lrs(self, count: int) -> FloatArray:
        places = np.linspace(0.0, 1.0, max(self.steps, 2))[: self.steps]
        measured = np.linspace(0.0, 1.0, len(self.grad_norms))
        norms = np.exp(np.interp(places, measured, np.log(self.grad_norms)))
        lrs = _refined(median_smooth(norms, self.smoothing), self.method)[self.steps - count :]
        return lrs / lrs.max() if lrs.any() else np.ones(count)


def refined_schedule(
    grad_norms: ArrayLike, method: RefinedMethod = "sgd", smoothing: float = 0.1
) -> TabulatedSchedule:
    """Return the schedule that is best for the gradient norms measured in a run.

    With the weights w_t = G_t^{-2} (SGD, from Euclidean norms) or w_t = 1/G_t (Adam, from ℓ1
    norms) of the smoothed norms,

        η_t ∝ w_t Σ_{p>t} w_p,

    scaled to a largest LR of 1. Constant norms give linear decay; norms that fall towards the end
    of a run give a warm-up and a decay. For SGD without smoothing, η (with its base LR) minimises
    the exact worst case (see `scheduled.bounds.optimal`).

    Parameters
    ----------
    grad_norms : array, shape (N,)
        Measured norms G_t >= 0, N >= 2; a zero must not be left after smoothing.
    method : {"sgd", "adam"}
        The kind of weights; for "adam", `grad_norms` are ℓ1 norms.
    smoothing : float
        Width of the median filter, in [0, 1], as a fraction of N; 0 is none.

    Returns
    -------
    TabulatedSchedule
        Of N steps, with base LR 1. The last LR is 0.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    A. Defazio et al., arXiv:2310.07831, schedule refinement.

    Examples
    --------
    >>> refined_schedule(np.full(5, 3.0)).schedule
    array([1.  , 0.75, 0.5 , 0.25, 0.  ])
    >>> refined_schedule([4.0, 2.0, 1.0, 1.0], smoothing=0.0).schedule
    array([0.140625, 0.5     , 1.      , 0.      ])
    """
    norms = check_nonnegative("grad_norms", grad_norms)
    if norms.ndim != 1 or norms.size < 2:
        raise ValueError(f"grad_norms of shape {norms.shape} must have shape (N,) with N >= 2")
    check_choice("method", method, tuple(WEIGHT_POWERS))
    smooth = median_smooth(norms, check_number("smoothing", smoothing, high=1.0))
    if not smooth.all():
        index = int(np.flatnonzero(smooth == 0)[0])
        raise ValueError(
            f"grad_norms[{index}] is 0 after smoothing={smoothing!r}, must be > 0: the weight of "
            "its step would be infinite"
        )
    lrs = _refined(smooth, method)
    return TabulatedSchedule(lrs / lrs.max())


def _refined(norms: FloatArray, method: RefinedMethod) -> FloatArray:
    """Return w_t Σ_{p>t} w_p up to a factor."""
    # Relative to the smallest norm no weight overflows.
    weights = (norms / norms.min()) ** WEIGHT_POWERS[method]
    lrs = np.zeros(weights.size)
    lrs[:-1] = weights[:-1] * suffix_sum(weights)[1:]
    return lrs


def median_smooth(values: FloatArray, width: float) -> FloatArray:
    """Return running medians; the window is `width` times the length, rounded to an odd number.

    At the ends the values are reflected about the border: (d c b a | a b c d | d c b a).

    Examples
    --------
    >>> median_smooth(np.array([1.0, 9.0, 2.0, 3.0, 4.0]), 0.6)
    array([1., 2., 3., 3., 4.])
    """
    # `import scheduled` is to cost no more than numpy; scipy only where it is used.
    from scipy.ndimage import median_filter

    # An even window would shift the curve by half a step. The product can round to just below a
    # whole number.
    size = 2 * math.floor(width * values.size / 2 * (1 + SUM_ROUNDING)) + 1
    return values if size == 1 else np.asarray(median_filter(values, size=size, mode="reflect"))
