"""The polynomial schedule."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from scheduled.core.arguments import FloatArray, check_number
from scheduled.schedules.cooldown import CooldownSchedule


@dataclass(kw_only=True)
class PolynomialSchedule(CooldownSchedule):
    """1/(i+1)^α at step i = 0, 1, … after the warm-up, then a cooldown.

    Other parameters are those of `CooldownSchedule`; there is no cooldown by default.

    Parameters
    ----------
    alpha : float
        The power α >= 0.

    References
    ----------
    arXiv:2501.18965, the schedules of the experiments.

    Examples
    --------
    >>> PolynomialSchedule(4, alpha=2.0).schedule.round(3)
    array([1.   , 0.25 , 0.111, 0.062])
    """

    kind: ClassVar[str] = "polynomial"
    name: ClassVar[str] = "polynomial-cooldown"

    alpha: float = field(default=1.0, metadata={"description": "power of 1/t, >= 0"})

    def validate(self) -> None:
        super().validate()
        self.alpha = check_number("alpha", self.alpha)

    def main_lrs(self, count: int) -> FloatArray:
        return np.arange(1.0, count + 1) ** -self.alpha
