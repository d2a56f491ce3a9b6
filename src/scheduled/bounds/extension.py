"""What extending a schedule gives, and the search for a root behind it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.tuning import compute_optimal_base
from scheduled.core.arguments import FloatArray, check_grad_norms, check_integer, check_number
from scheduled.core.rounding import SUM_ROUNDING, first_least
from scheduled.schedules.cooldown import CooldownSchedule
from scheduled.schedules.wsd import WSDSchedule

# A search looks at that many values first, and then closer around the best of them if need be.
SCAN = 64
# How close, as a ratio, γ* of a published candidate has to come to γ.
PUBLISHED_TOLERANCE = 0.01


@dataclass(frozen=True)
class Extension:
    """A schedule that goes on from T1 to T2 with its base LR, and what it compares with.

    Attributes
    ----------
    parameter : {"cooldown_len", "factor"}
        What has been adapted: c or ρ.
    value : float
        c, as a number of cooldown steps over N, or ρ.
    schedule : CooldownSchedule
        The adapted schedule of T2 + 1 steps, with base LR γ.
    base_lr, optimal_base_lr : float
        γ, and γ*(T2) of the adapted schedule.
    mismatch : float
        ln γ*(T2)/γ, what the whole number of cooldown steps, or the tolerance, leaves over.
    bound : float
        Ω_T2 of the adapted schedule.
    branch_step : int
        The number of steps of the old schedule that the adapted one begins with: training goes on
        from x_{branch_step + 1}.
    naive, naive_bound
        The schedule of T2 + 1 steps with the old cooldown fraction and γ, and its Ω_T2.
    linear, linear_bound
        Linear decay over T2 + 1 steps with its own γ*, and its Ω_T2.
    """

    parameter: Literal["cooldown_len", "factor"]
    value: float
    schedule: CooldownSchedule
    base_lr: float
    optimal_base_lr: float
    mismatch: float
    bound: float
    branch_step: int
    naive: CooldownSchedule
    naive_bound: float
    linear: WSDSchedule
    linear_bound: float


class NoTransfer(ValueError):
    """No cooldown and no factor makes γ the best base LR at T2; `closest` comes nearest to it."""

    def __init__(self, message: str, closest: Extension) -> None:
        super().__init__(message)
        self.closest = closest


@dataclass(frozen=True)
class Candidate:
    """A value of c or ρ with its schedule of T2 + 1 steps at γ*(T2), and Ω_T2 there."""

    value: float
    schedule: CooldownSchedule
    base_lr: float
    bound: float


@dataclass(frozen=True)
class ExtensionTask:
    """A schedule that is to be extended, checked."""

    schedule: CooldownSchedule
    T2: int
    norms: FloatArray
    D: float
    base_lr: float

    @classmethod
    def make(
        cls, schedule: CooldownSchedule, T2: int, G: ArrayLike, D: float, base_lr: float | None
    ) -> "ExtensionTask":
        """Check the arguments, and find γ where none is given."""
        if not isinstance(schedule, CooldownSchedule):
            raise ValueError(f"schedule={schedule!r} must be one with a cooldown_len")
        if not schedule.scales_with_base_lr:
            raise ValueError(f"schedule={schedule!r} must have no absolute LR")
        T1 = schedule.steps - 1
        T2 = check_integer("T2", T2, low=max(T1, 1))
        norms = check_grad_norms(G, T2 + 1)
        D = check_number("D", D, above=True)
        if base_lr is None:
            base_lr = compute_optimal_base(schedule, norms[: T1 + 1], D, max(T1, 1))[0]
        return cls(schedule, T2, norms, D, check_number("base_lr", base_lr, above=True))

    @property
    def steps(self) -> int:
        return self.T2 + 1

    def with_cooldown_len(self, cooldown_len: float) -> CooldownSchedule:
        return replace(self.schedule, steps=self.steps, cooldown_len=cooldown_len)

    def tuned(self, value: float, schedule: CooldownSchedule) -> Candidate:
        base_lr, bound = compute_optimal_base(schedule, self.norms, self.D, self.T2)
        return Candidate(value, replace(schedule, base_lr=base_lr), base_lr, bound)

    def mismatch(self, schedule: CooldownSchedule) -> float:
        return math.log(self.tuned(0.0, schedule).base_lr / self.base_lr)

    def at_base_lr(self, schedule: CooldownSchedule) -> tuple[CooldownSchedule, float]:
        adapted = replace(schedule, base_lr=self.base_lr)
        return adapted, adapted.compute_rate(self.norms, self.D, self.T2)

    def extension(
        self,
        parameter: Literal["cooldown_len", "factor"],
        value: float,
        schedule: CooldownSchedule,
        branch_step: int,
    ) -> Extension:
        """Return the result: the adapted schedule and its baselines."""
        optimum = self.tuned(value, schedule).base_lr
        warmup = {
            name: getattr(self.schedule, name)
            for name in ("warmup_steps", "warmup_lr", "warmup_lr_absolute", "final_lr")
        }
        free = (self.steps - self.schedule.warmup_steps) / self.steps
        linear = self.tuned(free, WSDSchedule(self.steps, cooldown_len=free, **warmup))
        assert isinstance(linear.schedule, WSDSchedule)
        adapted, bound = self.at_base_lr(schedule)
        naive, naive_bound = self.at_base_lr(self.with_cooldown_len(self.schedule.cooldown_len))
        return Extension(
            parameter,
            value,
            adapted,
            self.base_lr,
            optimum,
            math.log(optimum / self.base_lr),
            bound,
            branch_step,
            naive,
            naive_bound,
            linear.schedule,
            linear.bound,
        )

    def pick(self, candidates: tuple[Candidate, ...], name: str) -> float:
        """Return the value of the first candidate with γ* closest to γ."""
        if not candidates:
            raise ValueError(f"candidates=() must hold at least one {name}")
        off = [abs(c.base_lr / self.base_lr - 1) for c in candidates]
        return candidates[first_least(off, 1.0, SUM_ROUNDING)].value

    def check_pick(self, picked: Extension) -> Extension:
        """Refuse a candidate that is too far off."""
        off = abs(picked.optimal_base_lr / self.base_lr - 1)
        if off > PUBLISHED_TOLERANCE + SUM_ROUNDING:
            raise self.no_transfer(f"candidate within {PUBLISHED_TOLERANCE:.0%}", picked)
        return picked

    def no_transfer(self, what: str, closest: Extension) -> NoTransfer:
        """Say that there is no root, with the numbers."""
        return NoTransfer(
            f"no {what} makes base_lr={self.base_lr:.6g} the best one at T2={self.T2}: "
            f"{closest.parameter}={closest.value:.6g} comes closest, with "
            f"γ*={closest.optimal_base_lr:.6g} (ln γ*/γ = {closest.mismatch:+.4f})",
            closest,
        )


def cached_values(function: Callable[[float], float]) -> Callable[[float], float]:
    """Return the function with a memory of its values."""
    values: dict[float, float] = {}

    def cached(x: float) -> float:
        if x not in values:
            values[x] = function(x)
        return values[x]

    return cached


def is_root(value: float) -> bool:
    """Return whether ln γ*/γ is 0 but for rounding."""
    return abs(value) <= SUM_ROUNDING


def crosses(function: Callable[[float], float], left: float, right: float) -> bool:
    """Return whether a root lies between two points, or at one of them.

    Examples
    --------
    >>> [crosses(lambda x: x - 1.0, *ends) for ends in ((0.0, 3.0), (1.0 + 1e-15, 3.0), (2.0, 3.0))]
    [True, True, False]
    """
    low, high = function(left), function(right)
    return is_root(low) or is_root(high) or (low > 0) != (high > 0)


def first_crossing(
    function: Callable[[float], float], points: FloatArray, start: float
) -> tuple[tuple[float, float] | None, float]:
    """Return the first bracket of a root on the way from `start`, and the point closest to 0.

    Between the points the function may still touch 0: then the search goes on around the best
    point, four times with ever closer ones (whole numbers, if the points are).
    """
    whole = bool((points == np.rint(points)).all())
    ordered = points if points[0] == start else points[::-1]
    best = start
    for _ in range(4):
        for left, right in zip(ordered[:-1].tolist(), ordered[1:].tolist(), strict=True):
            if crosses(function, left, right):
                return (left, right), best
        index = first_least([abs(function(x)) for x in ordered.tolist()], 1.0, SUM_ROUNDING)
        best = float(ordered[index])
        ends = ordered[max(index - 1, 0)], ordered[min(index + 1, ordered.size - 1)]
        ordered = np.linspace(*ends, SCAN)
        if whole:
            ordered = np.rint(ordered)
            ordered = ordered[np.append(True, np.diff(ordered) != 0)]
    return None, best
