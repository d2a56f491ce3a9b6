"""The inverse-square-root schedule."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from scheduled.core.arguments import FloatArray
from scheduled.schedules.cooldown import CooldownSchedule


@dataclass(kw_only=True)
class SqrtSchedule(CooldownSchedule):
    """1/√(i+1) at step i = 0, 1, … after the warm-up, then a cooldown.

    The parameters are those of `CooldownSchedule`; there is no cooldown by default.

    References
    ----------
    arXiv:2501.18965, the 1/√t schedule.

    Examples
    --------
    >>> SqrtSchedule(4).schedule.round(3)
    array([1.   , 0.707, 0.577, 0.5  ])
    """

    kind: ClassVar[str] = "sqrt"

    def main_lrs(self, count: int) -> FloatArray:
        return np.asarray(1 / np.sqrt(np.arange(1, count + 1)))
