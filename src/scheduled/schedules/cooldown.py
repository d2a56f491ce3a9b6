"""Base classes of the schedules that have a final learning rate, or a cooldown to one."""

import math
from dataclasses import dataclass, field
from typing import Any, Literal, Self, TypeAlias, get_args

import numpy as np

from scheduled.core.arguments import FloatArray, check_choice, check_flag, check_number
from scheduled.core.rounding import SUM_ROUNDING
from scheduled.schedules.base import Schedule, check_lr
from scheduled.schedules.shapes import ALIASES, SHAPES, progress

COOLDOWN_LEN = {"description": "fraction of the steps that the cooldown takes, in [0, 1]"}


@dataclass(kw_only=True)
class FinalLRSchedule(Schedule):
    """A schedule that ends at a final learning rate.

    Parameters
    ----------
    final_lr : float
        The LR of the last step: b in [0, 1], or, if absolute, b·γ in [0, γ].
    final_lr_absolute : bool
        Whether `final_lr` is a learning rate itself rather than a fraction of the base LR.
    """

    final_lr: float = field(default=0.0, metadata={"description": "learning rate of the last step"})
    final_lr_absolute: bool = field(
        default=False,
        metadata={"description": "whether final_lr is absolute, not a fraction of base_lr"},
    )

    def validate(self) -> None:
        super().validate()
        self.final_lr_absolute = check_flag("final_lr_absolute", self.final_lr_absolute)
        self.final_lr = check_lr("final_lr", self.final_lr, self.final_lr_absolute)

    def uses_final_lr(self) -> bool:
        """Return whether the final LR has an influence on the schedule."""
        return True

    def absolute_lrs(self) -> dict[str, float]:
        in_use = self.final_lr_absolute and self.uses_final_lr()
        return super().absolute_lrs() | ({"final_lr": self.final_lr} if in_use else {})


DecayType: TypeAlias = Literal["linear", "1-sqrt", "cosine", "halving", "sqrt", "minus_sqrt"]


def check_decay_type(decay_type: DecayType) -> DecayType:
    """Return `decay_type`, and ``1-sqrt`` for the names that others have for it.

    Examples
    --------
    >>> check_decay_type("sqrt")
    '1-sqrt'
    """
    check_choice("decay_type", decay_type, get_args(DecayType))
    return ALIASES.get(decay_type, decay_type)  # type: ignore[return-value]


DECAY_TYPE = {
    "description": "shape of the cooldown; sqrt and minus_sqrt stand for 1-sqrt",
    "normalise": check_decay_type,
}


@dataclass(kw_only=True)
class CooldownSchedule(FinalLRSchedule):
    """A schedule whose last n steps go from the last LR before them, a, to the final LR, b.

    The steps t = 1…n of the cooldown have the LR b + (a − b)·f(t/n) with f one of the shapes of
    `scheduled.schedules.shapes`: 1 − p (linear), 1 − √p (1-sqrt), ½(1 + cos πp) (cosine) or
    2·½ᵖ − 1 (halving). So the last one is exactly b. Where a < b, the LR rises.

    Parameters
    ----------
    cooldown_len : float
        c in [0, 1]: n = ⌊cN⌋, less by one if no step would be left between warm-up and cooldown.
        There is no cooldown if n = 0.
    decay_type : {"linear", "1-sqrt", "cosine", "halving"}
        The shape of the cooldown. "sqrt", the paper's name of "1-sqrt", is read as such, and
        Megatron's "minus_sqrt".

    Raises
    ------
    ValueError
        If a parameter is out of range, or warm-up and cooldown have more than N steps together.
    """

    cooldown_len: float = field(default=0.0, metadata=COOLDOWN_LEN)
    decay_type: DecayType = field(default="linear", metadata=DECAY_TYPE)

    def __new__(cls, *args: Any, **arguments: Any) -> Self:
        # The dataclass would name the old word and not the new one.
        if "cooldown_type" in arguments:
            raise TypeError(f"{cls.__name__}: cooldown_type is now decay_type")
        return super().__new__(cls)

    def validate(self) -> None:
        super().validate()
        self.decay_type = check_decay_type(self.decay_type)
        self.cooldown_len = check_number("cooldown_len", self.cooldown_len, high=1.0)
        free = self.steps - self.warmup_steps
        if self._cooldown_floor() > free:
            raise ValueError(
                f"cooldown_len={self.cooldown_len!r} must lie in [0, {free / self.steps!r}], as "
                f"warmup_steps={self.warmup_steps} leaves {free} of steps={self.steps}"
            )

    @property
    def cooldown_steps(self) -> int:
        """The number of cooldown steps, n."""
        count = self._cooldown_floor()
        fills_everything = self.warmup_steps + count == self.steps
        return count - 1 if fills_everything else count

    def _cooldown_floor(self) -> int:
        # n/N times N can round to just below n, and c = n/N is to mean n steps.
        return math.floor(self.cooldown_len * self.steps * (1 + SUM_ROUNDING))

    def uses_final_lr(self) -> bool:
        return self.cooldown_steps > 0

    def lrs_after_warmup(self, count: int) -> FloatArray:
        n = self.cooldown_steps
        main = self.main_lrs(count - n)
        if n == 0:
            return main
        final = self.relative("final_lr")
        # Not `between`: absolute LRs need a form that is affine in both ends, rising or falling.
        shape = SHAPES[self.decay_type].left(*progress(n, n, 1))
        return np.concatenate([main, final + (main[-1] - final) * shape])
