"""The piecewise constant schedule."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from scheduled.core.arguments import FloatArray, check_integer, check_number
from scheduled.schedules.cooldown import CooldownSchedule


@dataclass(kw_only=True)
class PiecewiseConstantSchedule(CooldownSchedule):
    """The product of the factors of all milestones passed, then a cooldown.

    The index t = 0…N−1 has the product of the factors of all milestones m <= t. Milestones count
    from the very first step; warm-up and cooldown take the place of what lies under them.

    Other parameters are those of `CooldownSchedule`; there is no cooldown by default.

    Parameters
    ----------
    milestones : tuple of int
        Indices in [0, N−1], strictly increasing.
    factors : tuple of float
        One factor > 0 a milestone. (A product above 1 is legal: a stage above the base LR.)

    References
    ----------
    arXiv:2501.18965, the piecewise constant schedule of the horizon transfer.

    Examples
    --------
    >>> PiecewiseConstantSchedule(6, milestones=(2,), factors=(0.5,), cooldown_len=1 / 3).schedule
    array([1.  , 1.  , 0.5 , 0.5 , 0.25, 0.  ])
    """

    kind: ClassVar[str] = "piecewise"
    name: ClassVar[str] = "piecewise-constant"

    milestones: tuple[int, ...] = field(
        default=(), metadata={"description": "indices, from 0, at which a factor comes in"}
    )
    factors: tuple[float, ...] = field(
        default=(), metadata={"description": "factor of each milestone, > 0"}
    )

    def validate(self) -> None:
        super().validate()
        for name, value in (("milestones", self.milestones), ("factors", self.factors)):
            if not isinstance(value, Iterable):
                raise ValueError(f"{name}={value!r} must be a sequence of numbers")
        self.milestones = tuple(
            check_integer(f"milestones[{i}]", m, low=0, high=self.steps - 1)
            for i, m in enumerate(self.milestones)
        )
        self.factors = tuple(
            check_number(f"factors[{i}]", f, above=True) for i, f in enumerate(self.factors)
        )
        if list(self.milestones) != sorted(set(self.milestones)):
            raise ValueError(f"milestones={self.milestones} must be strictly increasing")
        if len(self.factors) != len(self.milestones):
            raise ValueError(
                f"factors={self.factors} must have one factor for each of "
                f"milestones={self.milestones}"
            )

    def main_lrs(self, count: int) -> FloatArray:
        lrs = np.ones(self.steps)
        for milestone, factor in zip(self.milestones, self.factors, strict=True):
            lrs[milestone:] *= factor
        return lrs[self.warmup_steps : self.warmup_steps + count]
