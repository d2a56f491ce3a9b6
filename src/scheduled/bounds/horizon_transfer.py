"""Keeping a learning rate over a longer horizon.

A schedule with a cooldown is tuned for T1 steps; training is to go on to T2 > T1, with the base LR
γ that it has. Either of two changes makes γ the best base LR γ*(T2) again:

- a longer cooldown: the fraction c with γ*(T2; c) = γ (`extend_by_cooldown`);
- a lower second stage: a factor ρ on the LRs from where the old cooldown would have begun, and
  the old cooldown fraction; the ρ with γ*(T2; ρ) = γ (`extend_by_lowering`).

γ*(T2; c) is a staircase, as a cooldown has a whole number of steps, and neither γ*(T2; c) nor
γ*(T2; ρ) need be monotone. So the root taken is the first one on the way from the old fraction, or
from ρ = 1; for c it is the better one of the two neighbouring numbers of steps.

References
----------
.. [1] F. Schaipp et al., arXiv:2501.18965, on extending the horizon.
"""

from __future__ import annotations

import functools
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import ClassVar, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.tuning import compute_optimal_base
from scheduled.core.arguments import (
    STEPS_LIMIT,
    FloatArray,
    check_grad_norms,
    check_number,
    check_steps,
)
from scheduled.core.rounding import SUM_ROUNDING, first_least
from scheduled.numerics.roots import SCAN, crosses, first_crossing, is_root
from scheduled.schedules.cooldown import CooldownSchedule
from scheduled.schedules.piecewise import PiecewiseConstantSchedule
from scheduled.schedules.sqrt import SqrtSchedule
from scheduled.schedules.wsd import WSDSchedule

Parameter: TypeAlias = Literal["cooldown_len", "factor"]


def _grid(low: float, high: float) -> tuple[float, ...]:
    return tuple(np.linspace(low, high, 33).round(6).tolist())


PUBLISHED_FACTORS = _grid(0.2, 1.0)
"""The factors ρ that the published figures pick from."""
PUBLISHED_COOLDOWNS = _grid(0.1, 1.0)
"""The cooldown fractions c that the published figures pick from for WSD."""
PUBLISHED_SQRT_COOLDOWNS = _grid(0.1, 0.7)
"""The same for 1/√t."""
# How close γ* of a candidate has to come to γ, as a ratio.
CANDIDATE_TOLERANCE = 0.01
# The least factor ρ that is looked at.
MIN_FACTOR = 1e-4


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

    parameter: Parameter
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


def extend_by_cooldown(
    schedule: CooldownSchedule,
    T2: int,
    *,
    G: ArrayLike = 1.0,
    D: float = 1.0,
    base_lr: float | None = None,
    candidates: Iterable[float] | None = None,
) -> Extension:
    """Extend a schedule to the horizon T2 by the cooldown length with which γ is tuned.

    Parameters
    ----------
    schedule : CooldownSchedule
        The schedule of T1 + 1 steps, without absolute LRs; its base LR has no influence. Warm-up
        steps stay as many as they are.
    T2 : int
        The new horizon, >= T1.
    G : float or array, shape (T2+1,)
        Bounds G_t >= 0 on the (expected) subgradient norms.
    D : float
        Distance ‖x_1 − x*‖ > 0.
    base_lr : float, optional
        γ > 0; by default γ* of `schedule` at T1.
    candidates : iterable of float, optional
        Look at these c only, and take the one with γ*(T2; c) closest to γ, if within 1 %. The
        published figures pick so from `PUBLISHED_COOLDOWNS` and, for 1/√t, from
        `PUBLISHED_SQRT_COOLDOWNS`, beyond 1 % too: then the pick is `NoTransfer.closest`.

    Returns
    -------
    Extension

    Raises
    ------
    ValueError
        If an argument is out of range.
    NoTransfer
        If there is no root: not even linear decay from the first step has γ*(T2; c) >= γ, say.

    Notes
    -----
    That γ is the best base LR at T2 does not make the bound there lower: where γ is far below
    γ*(T2; c), c the old fraction, the cooldown gets shorter and the bound higher.

    References
    ----------
    arXiv:2501.18965, on extending the horizon.

    Examples
    --------
    >>> from scheduled import WSDSchedule
    >>> found = extend_by_cooldown(WSDSchedule(4001, cooldown_len=0.2), 8000)
    >>> round(found.value, 3), abs(found.mismatch) < 1e-4
    (0.633, True)
    """
    return CooldownLength.of(schedule, T2, G, D, base_lr).extend(candidates)


def extend_by_lowering(
    schedule: WSDSchedule,
    T2: int,
    *,
    G: ArrayLike = 1.0,
    D: float = 1.0,
    base_lr: float | None = None,
    candidates: Iterable[float] | None = None,
) -> Extension:
    """Extend a WSD schedule to the horizon T2 by a second stage at ργ with which γ is tuned.

    The second stage begins with index ⌊(1 − c)·T1⌋, c the cooldown fraction, and the last c of the
    T2 + 1 steps are a cooldown again.

    Parameters
    ----------
    schedule : WSDSchedule
        The schedule of T1 + 1 steps, without absolute LRs; its base LR has no influence.
    T2, G, D, base_lr
        As in `extend_by_cooldown`.
    candidates : iterable of float, optional
        Look at these ρ only, as in `extend_by_cooldown`; the published ones are
        `PUBLISHED_FACTORS`.

    Returns
    -------
    Extension

    Raises
    ------
    ValueError
        If an argument is out of range.
    NoTransfer
        If no ρ in [1e-4, 1] is a root. For ρ → 0 no more than the first stage is left, and
        γ*(T2; ρ) falls again: it has a maximum.

    References
    ----------
    arXiv:2501.18965, on extending the horizon.

    Examples
    --------
    >>> from scheduled import WSDSchedule
    >>> found = extend_by_lowering(WSDSchedule(4001, cooldown_len=0.2), 8000)
    >>> round(found.value, 3), abs(found.mismatch) < 1e-12
    (0.533, True)
    """
    return LowerStage.of(schedule, T2, G, D, base_lr).extend(candidates)


def cooldown_candidates(
    schedule: CooldownSchedule,
    T2: int,
    values: Iterable[float] | None = None,
    *,
    G: ArrayLike = 1.0,
    D: float = 1.0,
) -> tuple[Candidate, ...]:
    """Return the schedule extended to T2 for each of several cooldown fractions, tuned.

    Parameters
    ----------
    schedule, T2, G, D
        As in `extend_by_cooldown`.
    values : iterable of float, optional
        Cooldown fractions in [0, 1]; by default `PUBLISHED_SQRT_COOLDOWNS` for 1/√t, and
        `PUBLISHED_COOLDOWNS` for all other schedules.

    Returns
    -------
    tuple of Candidate

    Examples
    --------
    >>> from scheduled import WSDSchedule
    >>> first, last = cooldown_candidates(WSDSchedule(101), 200, [0.2, 1.0])
    >>> last.base_lr > first.base_lr, last.bound < first.bound
    (True, True)
    """
    if values is None:
        of_sqrt = isinstance(schedule, SqrtSchedule)
        values = PUBLISHED_SQRT_COOLDOWNS if of_sqrt else PUBLISHED_COOLDOWNS
    return CooldownLength.of(schedule, T2, G, D, base_lr=1.0).tuned_candidates(values)


def factor_candidates(
    schedule: WSDSchedule,
    T2: int,
    values: Iterable[float] = PUBLISHED_FACTORS,
    *,
    G: ArrayLike = 1.0,
    D: float = 1.0,
) -> tuple[Candidate, ...]:
    """Return the schedule extended to T2 for each of several factors of a second stage, tuned.

    Parameters
    ----------
    schedule, T2, G, D
        As in `extend_by_lowering`.
    values : iterable of float
        Factors ρ > 0.

    Returns
    -------
    tuple of Candidate

    Examples
    --------
    >>> from scheduled import WSDSchedule
    >>> half, one = factor_candidates(WSDSchedule(101), 200, [0.5, 1.0])
    >>> half.base_lr > one.base_lr
    True
    """
    return LowerStage.of(schedule, T2, G, D, base_lr=1.0).tuned_candidates(values)


def closest_candidate(candidates: Sequence[Candidate], base_lr: float) -> Candidate:
    """Return the first of the candidates whose γ* comes closest to γ, however far that is.

    This is how the published values were picked; beyond 1 % the published code warns.

    Parameters
    ----------
    candidates : sequence of Candidate
        At least one.
    base_lr : float
        γ > 0.

    Examples
    --------
    >>> from scheduled import WSDSchedule, compute_optimal_base
    >>> schedule = WSDSchedule(4001, cooldown_len=0.2)
    >>> base_lr, _ = compute_optimal_base(schedule)
    >>> closest_candidate(cooldown_candidates(schedule, 8000), base_lr).value
    0.634375
    """
    off = [abs(candidate.base_lr / base_lr - 1) for candidate in candidates]
    return candidates[first_least(off, 1.0, SUM_ROUNDING)]


@dataclass(frozen=True)
class Adaptation(ABC):
    """A schedule to be extended, checked: what both ways have in common."""

    schedule: CooldownSchedule
    T2: int
    norms: FloatArray
    D: float
    base_lr: float

    parameter: ClassVar[Parameter]

    @classmethod
    def of(
        cls,
        schedule: CooldownSchedule,
        T2: int,
        G: ArrayLike,
        D: float,
        base_lr: float | None = None,
    ) -> Self:
        """Check the arguments, and find γ where none is given."""
        if not isinstance(schedule, CooldownSchedule):
            raise ValueError(f"schedule={schedule!r} must be one with a cooldown_len")
        if not schedule.scales_with_base_lr:
            raise ValueError(f"schedule={schedule!r} must have no absolute LR")
        T1 = schedule.steps - 1
        T2 = check_steps("T2", T2, low=max(T1, 1), high=STEPS_LIMIT - 1)
        norms = check_grad_norms(G, T2 + 1)
        D = check_number("D", D, above=True)
        if base_lr is None:
            base_lr = compute_optimal_base(schedule, norms[: T1 + 1], D, max(T1, 1))[0]
        return cls(schedule, T2, norms, D, check_number("base_lr", base_lr, above=True))

    @abstractmethod
    def adapt(self, value: float) -> CooldownSchedule:
        """Return the schedule of T2 + 1 steps with the parameter at this value."""

    @abstractmethod
    def branch_step(self, adapted: CooldownSchedule) -> int:
        """Return how many steps an adapted schedule shares with the old one."""

    @abstractmethod
    def root(self) -> float:
        """Return the value with γ*(T2) = γ, or raise `NoTransfer`."""

    def extend(self, candidates: Iterable[float] | None) -> Extension:
        """Return the schedule at the root, or at the best candidate if that is close enough."""
        if candidates is None:
            return self.result(self.root())
        tuned = self.tuned_candidates(candidates)
        if not tuned:
            raise ValueError(f"candidates=() must hold at least one {self.parameter}")
        picked = self.result(closest_candidate(tuned, self.base_lr).value)
        if abs(picked.optimal_base_lr / self.base_lr - 1) > CANDIDATE_TOLERANCE + SUM_ROUNDING:
            raise self.no_transfer(f"candidate within {CANDIDATE_TOLERANCE:.0%}", picked)
        return picked

    def tuned_candidates(self, values: Iterable[float]) -> tuple[Candidate, ...]:
        return tuple(self.tuned(float(value), self.adapt(float(value))) for value in values)

    @property
    def steps(self) -> int:
        return self.T2 + 1

    def with_cooldown_len(self, cooldown_len: float) -> CooldownSchedule:
        return replace(self.schedule, steps=self.steps, cooldown_len=cooldown_len)

    def tuned(self, value: float, schedule: CooldownSchedule) -> Candidate:
        base_lr, bound = compute_optimal_base(schedule, self.norms, self.D, self.T2)
        return Candidate(value, replace(schedule, base_lr=base_lr), base_lr, bound)

    def mismatch(self, value: float) -> float:
        return math.log(self.tuned(value, self.adapt(value)).base_lr / self.base_lr)

    def at_base_lr(self, schedule: CooldownSchedule) -> tuple[CooldownSchedule, float]:
        adapted = replace(schedule, base_lr=self.base_lr)
        return adapted, adapted.compute_rate(self.norms, self.D, self.T2)

    def result(self, value: float) -> Extension:
        """Return the adapted schedule and what it compares with."""
        schedule = self.adapt(value)
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
            self.parameter,
            value,
            adapted,
            self.base_lr,
            optimum,
            math.log(optimum / self.base_lr),
            bound,
            self.branch_step(adapted),
            naive,
            naive_bound,
            linear.schedule,
            linear.bound,
        )

    def no_transfer(self, what: str, closest: Extension) -> NoTransfer:
        """Say that there is no root, with the numbers."""
        return NoTransfer(
            f"no {what} makes base_lr={self.base_lr:.6g} the best one at T2={self.T2}: "
            f"{closest.parameter}={closest.value:.6g} comes closest, with "
            f"γ*={closest.optimal_base_lr:.6g} (ln γ*/γ = {closest.mismatch:+.4f})",
            closest,
        )


class CooldownLength(Adaptation):
    """A longer cooldown: c, on a grid of whole numbers of steps."""

    parameter = "cooldown_len"

    def adapt(self, value: float) -> CooldownSchedule:
        return self.with_cooldown_len(value)

    def branch_step(self, adapted: CooldownSchedule) -> int:
        old_start = self.schedule.steps - self.schedule.cooldown_steps
        return min(old_start, self.steps - adapted.cooldown_steps)

    def root(self) -> float:
        # Where warm-up and cooldown would fill everything, the schedule keeps one step at γ.
        most = self.steps - self.schedule.warmup_steps - 1
        near = min(self.adapt(self.schedule.cooldown_len).cooldown_steps, most)
        mismatch = functools.cache(lambda n: self.mismatch(n / self.steps))
        if is_root(mismatch(near)):
            return self.schedule.cooldown_len
        far = most if mismatch(near) < 0 else 0
        points = np.unique(np.rint(np.linspace(near, far, SCAN)))
        bracket, closest = first_crossing(mismatch, points, near)
        if bracket is None:
            raise self.no_transfer("cooldown length", self.result(closest / self.steps))
        low, high = bracket
        while abs(high - low) > 1:
            middle = float((low + high) // 2)
            low, high = (low, middle) if crosses(mismatch, low, middle) else (middle, high)
        # Of two equally good ones, the one nearer to the old cooldown.
        best = low if abs(mismatch(low)) <= abs(mismatch(high)) + SUM_ROUNDING else high
        return best / self.steps if best != near else self.schedule.cooldown_len


class LowerStage(Adaptation):
    """A second stage at ργ, from where the old cooldown would have begun."""

    parameter = "factor"

    def adapt(self, value: float) -> PiecewiseConstantSchedule:
        old = self.schedule
        if not isinstance(old, WSDSchedule):
            raise ValueError(f"schedule={old!r} must be a WSDSchedule")
        # (1 − c)·T1 can round to just below a whole number.
        start = math.floor((1 - old.cooldown_len) * (old.steps - 1) * (1 + SUM_ROUNDING))
        common = {field.name: getattr(old, field.name) for field in fields(CooldownSchedule)}
        changes = {"steps": self.steps, "milestones": (start,), "factors": (value,)}
        return PiecewiseConstantSchedule(**common | changes)

    def branch_step(self, adapted: CooldownSchedule) -> int:
        assert isinstance(adapted, PiecewiseConstantSchedule)
        return adapted.milestones[0]

    def root(self) -> float:
        from scipy.optimize import brentq

        mismatch = functools.cache(self.mismatch)
        if is_root(mismatch(1.0)):
            return 1.0
        if mismatch(1.0) > 0:
            raise self.no_transfer("factor up to 1", self.result(1.0))
        bracket, closest = first_crossing(mismatch, np.geomspace(1.0, MIN_FACTOR, SCAN), 1.0)
        if bracket is None:
            raise self.no_transfer("factor", self.result(closest))
        for end in bracket:
            if is_root(mismatch(end)):
                return end
        return float(brentq(mismatch, *bracket, xtol=1e-15, rtol=1e-14))
