"""A schedule given by its learning rates themselves: from a file, a log, or another program."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from scheduled.core.arguments import FloatArray, check_number, check_schedule
from scheduled.schedules.base import BoundMethods, Schedule
from scheduled.schedules.view import ScheduleView

_PARAMETERS = ("relative", "offset", "min_base_lr")


class TabulatedSchedule(BoundMethods, ScheduleView):
    """The schedule γ·relative + offset, with all that bounds and tuning ask of a schedule.

    Every schedule of the package has this form (`affine`): the offset is zero, but for the
    absolute learning rates in it.

    Parameters
    ----------
    relative : array, shape (N,)
        Learning rates at base LR 1, >= 0.
    offset : array, shape (N,), optional
        The part of the learning rates that does not scale with the base LR, >= 0.
    base_lr : float, optional
        Base learning rate γ; 1, or the smallest legal one where that is larger.
    min_base_lr : float, optional
        The smallest legal base LR, where it is above the largest offset: of a schedule that stops
        short of its absolute final LR, say.

    Raises
    ------
    ValueError
        If an array or the base LR is out of range.

    Notes
    -----
    As in other schedules, what is assigned to a parameter is checked, and refused with the old
    value left in place.

    Examples
    --------
    >>> S = TabulatedSchedule([1.0, 1.0, 0.5])
    >>> S.set_base_lr(0.1)
    >>> S.schedule
    array([0.1 , 0.1 , 0.05])
    """

    def __init__(
        self,
        relative: ArrayLike,
        offset: ArrayLike | None = None,
        base_lr: float | None = None,
        min_base_lr: float = 0.0,
    ) -> None:
        self.base_lr: float
        self.relative = check_schedule(relative, "relative")
        zero = np.zeros_like(self.relative)
        self.offset = zero if offset is None else check_schedule(offset, "offset")
        if self.offset.shape != self.relative.shape:
            raise ValueError(
                f"offset has shape {self.offset.shape}, must have {self.relative.shape}"
            )
        # A base LR below the largest offset would put the absolute LRs above all others.
        self.min_base_lr = max(float(self.offset.max()), check_number("min_base_lr", min_base_lr))
        self.set_base_lr(max(1.0, self.min_base_lr) if base_lr is None else base_lr)

    name = "tabulated"

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "base_lr":
            self.set_base_lr(value)
        elif name in _PARAMETERS and "base_lr" in vars(self):
            given = {each: getattr(self, each) for each in _PARAMETERS}
            if self.min_base_lr == self.offset.max():
                given["min_base_lr"] = 0.0  # it follows the offset
            changed = TabulatedSchedule(**given | {name: value}, base_lr=self.base_lr)
            vars(self).update({each: getattr(changed, each) for each in _PARAMETERS})
        else:
            object.__setattr__(self, name, value)

    @property
    def steps(self) -> int:
        """The number of steps N."""
        return self.relative.size

    def __repr__(self) -> str:
        return f"<TabulatedSchedule of {self.steps} steps, base_lr={self.base_lr!r}>"

    def set_base_lr(self, base_lr: float) -> None:
        """Set the base LR; it must be > 0 and not below the smallest legal one."""
        base_lr = check_number("base_lr", base_lr, above=True)
        if base_lr < self.min_base_lr:
            raise ValueError(f"base_lr={base_lr!r} must be at least {self.min_base_lr!r}")
        object.__setattr__(self, "base_lr", base_lr)

    @property
    def scales_with_base_lr(self) -> bool:
        """Whether every LR is proportional to the base LR."""
        return self.min_base_lr == 0

    @property
    def multipliers(self) -> FloatArray:
        """The learning rates over the base LR, a new array of shape (N,)."""
        return self.relative + self.offset / self.base_lr

    @property
    def schedule(self) -> FloatArray:
        """The learning rates, base LR multiplied in, a new array of shape (N,)."""
        return self.base_lr * self.relative + self.offset


def affine(schedule: Schedule) -> tuple[FloatArray, FloatArray]:
    """The two arrays with which a schedule at base LR γ is γ·relative + offset.

    All families are affine in γ: a warm-up, a cooldown and the main phase of each go linearly, in
    γ, between relative and absolute learning rates.

    Parameters
    ----------
    schedule : Schedule
        Its base LR has no influence, and is left alone.

    Returns
    -------
    relative, offset : array, shape (N,)
        The offset is all zero unless an absolute LR is in use.

    Examples
    --------
    >>> from scheduled import CosineSchedule
    >>> relative, offset = affine(CosineSchedule(3, final_lr=0.25, final_lr_absolute=True))
    >>> relative.round(12), offset.round(12)
    (array([1. , 0.5, 0. ]), array([0.   , 0.125, 0.25 ]))
    """
    absolute = schedule.absolute_lrs()
    bare = copy.copy(schedule)
    for name in absolute:
        setattr(bare, name, 0.0)
    bare.set_base_lr(1.0)
    relative = bare.multipliers
    if schedule.scales_with_base_lr:
        return relative, np.zeros_like(relative)
    # At the smallest legal base LR the offset is the larger part: nothing of it is cancelled.
    least = copy.copy(schedule)
    least.set_base_lr(schedule.min_base_lr)
    return relative, np.maximum(least.schedule - least.base_lr * relative, 0.0)
