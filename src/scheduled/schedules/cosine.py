"""The cosine schedule."""

from dataclasses import dataclass, field
from typing import ClassVar

from scheduled.core.arguments import FloatArray, check_number
from scheduled.schedules.cooldown import FinalLRSchedule
from scheduled.schedules.shapes import between, progress


@dataclass(kw_only=True)
class CosineSchedule(FinalLRSchedule):
    """Half a period of the cosine, from the base LR to the final LR.

    With M steps after the warm-up, step i = 0…M−1 of them has the relative LR
    b + (1 − b)·½(1 + cos(πi/(κ(M − 1)))): 1 at the first, and, if κ = 1, b at the last.

    Other parameters are those of `FinalLRSchedule`.

    Parameters
    ----------
    cycle_len : float
        κ >= 1, the half period over the M − 1 steps there are: the schedule stops short of the
        final LR if κ > 1.

    References
    ----------
    arXiv:2501.18965, the cosine schedule and its cycle length.

    Examples
    --------
    >>> CosineSchedule(5, final_lr=0.5).schedule.round(3)
    array([1.   , 0.927, 0.75 , 0.573, 0.5  ])
    >>> CosineSchedule(5, cycle_len=2.0).schedule.round(3)
    array([1.   , 0.962, 0.854, 0.691, 0.5  ])
    """

    kind: ClassVar[str] = "cosine"

    cycle_len: float = field(
        default=1.0,
        metadata={"description": "half period of the cosine over the steps after the warm-up"},
    )

    def validate(self) -> None:
        super().validate()
        self.cycle_len = check_number("cycle_len", self.cycle_len, low=1.0)

    def main_lrs(self, count: int) -> FloatArray:
        final = self.relative("final_lr")
        # A single step is the first one; any half period > 0 gives it the LR 1.
        half_period = self.cycle_len * max(count - 1, 1)
        return between(1.0, final, *progress(count, half_period), shape="cosine")
