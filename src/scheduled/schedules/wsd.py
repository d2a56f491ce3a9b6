"""The WSD (warm-up, stable, decay) schedule."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from scheduled.core.arguments import FloatArray
from scheduled.schedules.cooldown import COOLDOWN_LEN, CooldownSchedule


@dataclass(kw_only=True)
class WSDSchedule(CooldownSchedule):
    """Warm-up, then the base LR, then a cooldown.

    The parameters are those of `CooldownSchedule`, with a cooldown of a fifth of the steps by
    default. With ``cooldown_len=1`` this is linear decay.

    References
    ----------
    arXiv:2501.18965, the wsd schedule.

    Examples
    --------
    >>> WSDSchedule(5, cooldown_len=0.4).schedule
    array([1. , 1. , 1. , 0.5, 0. ])
    >>> WSDSchedule(5, cooldown_len=1.0).schedule
    array([1.  , 0.75, 0.5 , 0.25, 0.  ])
    """

    kind: ClassVar[str] = "wsd"

    cooldown_len: float = field(default=0.2, metadata=COOLDOWN_LEN)

    def main_lrs(self, count: int) -> FloatArray:
        return np.ones(count)
