"""The constant schedule."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from scheduled.core.arguments import FloatArray
from scheduled.schedules.base import Schedule


@dataclass(kw_only=True)
class ConstantSchedule(Schedule):
    """The base LR at every step after the warm-up.

    The parameters are those of `Schedule`.

    References
    ----------
    arXiv:2501.18965, the constant schedule.

    Examples
    --------
    >>> ConstantSchedule(4, base_lr=0.5, warmup_steps=2).schedule
    array([0.  , 0.25, 0.5 , 0.5 ])
    """

    kind: ClassVar[str] = "constant"

    def main_lrs(self, count: int) -> FloatArray:
        return np.ones(count)
