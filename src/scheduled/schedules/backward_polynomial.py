"""The backward polynomial schedule."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from scheduled.core.arguments import FloatArray, check_number
from scheduled.schedules.cooldown import FinalLRSchedule


@dataclass(kw_only=True)
class BackwardPolynomialSchedule(FinalLRSchedule):
    """b + (1 − b)·((N − t)/(N − 1))^α at step t = 1…N: a power of the steps that are left.

    The steps count from the very first, and the warm-up takes the place of the first W of them:
    so the first step after it has an LR below the base LR.

    Other parameters are those of `FinalLRSchedule`.

    Parameters
    ----------
    alpha : float
        The power α > 0. With 1 this is linear decay.

    References
    ----------
    arXiv:2501.18965, the schedules of the experiments.

    Examples
    --------
    >>> BackwardPolynomialSchedule(5, alpha=2.0).schedule
    array([1.    , 0.5625, 0.25  , 0.0625, 0.    ])
    """

    kind: ClassVar[str] = "backward_polynomial"
    name: ClassVar[str] = "polynomial-backward"

    alpha: float = field(default=1.0, metadata={"description": "power of the steps left, > 0"})

    def validate(self) -> None:
        super().validate()
        self.alpha = check_number("alpha", self.alpha, above=True)

    def main_lrs(self, count: int) -> FloatArray:
        if self.steps == 1:
            return np.ones(1)  # the first step, rather than the last: 0/0 in the formula
        left = np.arange(count - 1, -1, -1) / (self.steps - 1)
        final = self.relative("final_lr")
        return np.asarray(final + (1 - final) * left**self.alpha)
