"""The base class of all learning-rate schedules.

A family is a subclass with one method, `main_lrs`: the learning rates between warm-up and
cooldown, relative to the base LR. Parameters of its own are dataclass fields, checked in
`validate`. Warm-up, base LR, plot and bounds come from here (a cooldown from
`scheduled.schedules.cooldown.CooldownSchedule`):

>>> from dataclasses import dataclass
>>> @dataclass(kw_only=True)
... class ExponentialSchedule(Schedule):
...     decay: float = 0.5
...
...     def validate(self):
...         super().validate()
...         self.decay = check_number("decay", self.decay, high=1.0, above=True)
...
...     def main_lrs(self, count):
...         return self.decay ** np.arange(count)
>>> ExponentialSchedule(4, base_lr=2.0, warmup_steps=1, warmup_lr=0.1).schedule
array([0.2, 2. , 1. , 0.5])
"""

import copy
from abc import abstractmethod
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from scheduled.core.arguments import (
    FloatArray,
    check_flag,
    check_integer,
    check_number,
    check_steps,
)
from scheduled.schedules.view import ScheduleView

if TYPE_CHECKING:
    from scheduled.bounds.methods import BoundMethods as BoundMethods
else:

    class BoundMethods:
        """Bounds are computed from schedules, not the other way round: `scheduled.bounds.methods`
        puts its methods here, which `import scheduled` imports."""


@dataclass(kw_only=True)
class Schedule(BoundMethods, ScheduleView):
    """Learning rates of N steps: a warm-up, then what the family defines.

    For the bound at iterate T a schedule needs T steps; by convention it has N = T + 1, so that
    a cooldown to 0 reaches it in the step after. Index t-1 of every array is step t = 1…N.

    The warm-up of W steps goes from the start s linearly to the base LR γ, which would be reached
    in the step after it: γ·(s + (t/W)(1 − s)), t = 0…W−1.

    Parameters
    ----------
    steps : int
        N >= 1.
    base_lr : float
        Base learning rate γ > 0; every relative LR is multiplied by it.
    warmup_steps : int
        W in [0, N−1].
    warmup_lr : float
        The start of the warm-up: s in [0, 1], or, if absolute, s·γ in [0, γ].
    warmup_lr_absolute : bool
        Whether `warmup_lr` is a learning rate itself rather than a fraction of the base LR.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Notes
    -----
    A field may be assigned to: the new value is checked as that of a new schedule is, and refused
    with the old one left in place. `dataclasses.replace` changes several fields at once.

    References
    ----------
    arXiv:2501.18965, the schedules and the base learning rate.
    """

    kind: ClassVar[str]
    name: ClassVar[str]
    """What the paper calls the family."""

    steps: int = field(default=100, kw_only=False, metadata={"description": "number of steps N"})
    base_lr: float = field(
        default=1.0, metadata={"description": "base learning rate, multiplies every relative LR"}
    )
    warmup_steps: int = field(
        default=0, metadata={"description": "number of warm-up steps, less than steps"}
    )
    warmup_lr: float = field(
        default=0.0, metadata={"description": "learning rate of the first warm-up step"}
    )
    warmup_lr_absolute: bool = field(
        default=False,
        metadata={"description": "whether warmup_lr is absolute, not a fraction of base_lr"},
    )

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        if "name" not in vars(cls):
            cls.name = getattr(cls, "kind", cls.__name__)

    def __post_init__(self) -> None:
        self.validate()
        self.set_base_lr(self.base_lr)
        object.__setattr__(self, "_made", True)

    def __setattr__(self, name: str, value: object) -> None:
        if hasattr(self, "_made") and any(each.name == name for each in fields(self)):
            # Not `replace`: a subclass may have an __init__ of its own.
            changed = copy.copy(self)
            del changed.__dict__["_made"]
            setattr(changed, name, value)
            changed.validate()
            changed.set_base_lr(changed.base_lr)
            value = getattr(changed, name)
        object.__setattr__(self, name, value)

    @abstractmethod
    def main_lrs(self, count: int) -> FloatArray:
        """Return the relative LRs, shape (count,), of the steps between warm-up and cooldown."""

    def validate(self) -> None:
        """Check all fields but the base LR; a family with fields of its own extends this."""
        self.steps = check_steps("steps", self.steps)
        self.warmup_steps = check_integer(
            "warmup_steps", self.warmup_steps, low=0, high=self.steps - 1
        )
        self.warmup_lr_absolute = check_flag("warmup_lr_absolute", self.warmup_lr_absolute)
        self.warmup_lr = check_lr("warmup_lr", self.warmup_lr, self.warmup_lr_absolute)

    def set_base_lr(self, base_lr: float) -> None:
        """Set the base LR; it must be > 0 and not below an absolute LR of the schedule."""
        base_lr = check_number("base_lr", base_lr, above=True)
        for name, lr in self.absolute_lrs().items():
            if lr > base_lr:
                raise ValueError(f"{name}={lr!r} is absolute and must lie in [0, {base_lr=}]")
        self.base_lr = base_lr

    def absolute_lrs(self) -> dict[str, float]:
        """Return the absolute LRs that the schedule makes use of, by field name."""
        in_use = self.warmup_lr_absolute and self.warmup_steps > 0
        return {"warmup_lr": self.warmup_lr} if in_use else {}

    @property
    def min_base_lr(self) -> float:
        """The largest absolute LR in use, below which the base LR must not be; else 0."""
        return max(self.absolute_lrs().values(), default=0.0)

    @property
    def scales_with_base_lr(self) -> bool:
        """Whether every LR is proportional to the base LR: no absolute LR > 0 is in use."""
        return self.min_base_lr == 0

    @property
    def multipliers(self) -> FloatArray:
        """The learning rates over the base LR, a new array of shape (N,)."""
        start = self.relative("warmup_lr")
        ramp = np.arange(self.warmup_steps) / max(self.warmup_steps, 1)
        rest = self.lrs_after_warmup(self.steps - self.warmup_steps)
        return np.concatenate([start + ramp * (1 - start), rest])

    @property
    def schedule(self) -> FloatArray:
        """The learning rates, base LR multiplied in, a new array of shape (N,)."""
        return self.base_lr * self.multipliers

    def relative(self, name: str) -> float:
        """Return the LR in the field `name` as a fraction of the base LR."""
        lr: float = getattr(self, name)
        return lr / self.base_lr if getattr(self, f"{name}_absolute") else lr

    def lrs_after_warmup(self, count: int) -> FloatArray:
        """Return the relative LRs of the `count` steps after the warm-up."""
        return self.main_lrs(count)


def check_lr(name: str, lr: float, absolute: bool) -> float:
    """Return an LR that is a fraction in [0, 1], or, if absolute, any number >= 0."""
    return check_number(name, lr) if absolute else check_number(name, lr, high=1.0)
