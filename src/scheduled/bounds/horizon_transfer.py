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

import math
from collections.abc import Iterable
from dataclasses import fields

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.extension import (
    SCAN,
    Candidate,
    Extension,
    ExtensionTask,
    cached_values,
    crosses,
    first_crossing,
    is_root,
)
from scheduled.core.rounding import SUM_ROUNDING
from scheduled.schedules.cooldown import CooldownSchedule
from scheduled.schedules.piecewise import PiecewiseSchedule
from scheduled.schedules.wsd import WSDSchedule

# The candidates of the published figures.
PUBLISHED_CANDIDATES: tuple[float, ...] = tuple(np.linspace(0.2, 1.0, 33).round(3).tolist())
# The least factor ρ that is looked at.
MIN_FACTOR = 1e-4


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
        Look at these c only, and take the one with γ*(T2; c) closest to γ, if within 1 %. With
        `PUBLISHED_CANDIDATES` this is what the published figures do.

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
    task = ExtensionTask.make(schedule, T2, G, D, base_lr)
    old_start = schedule.steps - schedule.cooldown_steps

    def finish(cooldown_len: float) -> Extension:
        adapted = task.with_cooldown_len(cooldown_len)
        branch = min(old_start, task.steps - adapted.cooldown_steps)
        return task.extension("cooldown_len", cooldown_len, adapted, branch)

    if candidates is not None:
        tuned = cooldown_candidates(schedule, T2, candidates, G=G, D=D)
        return task.check_pick(finish(task.pick(tuned, "cooldown_len")))
    # Where warm-up and cooldown would fill everything, the schedule keeps one step at γ.
    most = task.steps - schedule.warmup_steps - 1
    near = min(task.with_cooldown_len(schedule.cooldown_len).cooldown_steps, most)
    mismatch = cached_values(lambda n: task.mismatch(task.with_cooldown_len(n / task.steps)))
    if is_root(mismatch(near)):
        return finish(schedule.cooldown_len)
    far = most if mismatch(near) < 0 else 0
    bracket, best = first_crossing(mismatch, np.unique(np.rint(np.linspace(near, far, SCAN))), near)
    if bracket is None:
        raise task.no_transfer("cooldown length", finish(best / task.steps))
    low, high = bracket
    while abs(high - low) > 1:
        middle = float((low + high) // 2)
        low, high = (low, middle) if crosses(mismatch, low, middle) else (middle, high)
    # Of two equally good ones, the one nearer to the old cooldown.
    best = low if abs(mismatch(low)) <= abs(mismatch(high)) + SUM_ROUNDING else high
    return finish(best / task.steps if best != near else schedule.cooldown_len)


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
        Look at these ρ only, as in `extend_by_cooldown`.

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
    from scipy.optimize import brentq

    task = ExtensionTask.make(schedule, T2, G, D, base_lr)
    _second_stage(schedule, T2, 1.0)  # checks the kind of schedule

    def finish(factor: float) -> Extension:
        adapted = _second_stage(schedule, T2, factor)
        return task.extension("factor", factor, adapted, adapted.milestones[0])

    if candidates is not None:
        tuned = factor_candidates(schedule, T2, candidates, G=G, D=D)
        return task.check_pick(finish(task.pick(tuned, "factor")))
    mismatch = cached_values(lambda factor: task.mismatch(_second_stage(schedule, T2, factor)))
    if is_root(mismatch(1.0)):
        return finish(1.0)
    if mismatch(1.0) > 0:
        raise task.no_transfer("factor up to 1", finish(1.0))
    bracket, best = first_crossing(mismatch, np.geomspace(1.0, MIN_FACTOR, SCAN), 1.0)
    if bracket is None:
        raise task.no_transfer("factor", finish(best))
    for end in bracket:
        if is_root(mismatch(end)):
            return finish(end)
    return finish(float(brentq(mismatch, *bracket, xtol=1e-15, rtol=1e-14)))


def cooldown_candidates(
    schedule: CooldownSchedule,
    T2: int,
    values: Iterable[float] = PUBLISHED_CANDIDATES,
    *,
    G: ArrayLike = 1.0,
    D: float = 1.0,
) -> tuple[Candidate, ...]:
    """Return the schedule extended to T2 for each of several cooldown fractions, tuned.

    Parameters
    ----------
    schedule, T2, G, D
        As in `extend_by_cooldown`.
    values : iterable of float
        Cooldown fractions in [0, 1].

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
    task = ExtensionTask.make(schedule, T2, G, D, 1.0)
    return tuple(task.tuned(float(c), task.with_cooldown_len(float(c))) for c in values)


def factor_candidates(
    schedule: WSDSchedule,
    T2: int,
    values: Iterable[float] = PUBLISHED_CANDIDATES,
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
    task = ExtensionTask.make(schedule, T2, G, D, 1.0)
    return tuple(task.tuned(float(f), _second_stage(schedule, T2, float(f))) for f in values)


def _second_stage(schedule: WSDSchedule, T2: int, factor: float) -> PiecewiseSchedule:
    """Return the two-stage schedule of T2 + 1 steps."""
    if not isinstance(schedule, WSDSchedule):
        raise ValueError(f"schedule={schedule!r} must be a WSDSchedule")
    # (1 − c)·T1 can round to just below a whole number.
    start = math.floor((1 - schedule.cooldown_len) * (schedule.steps - 1) * (1 + SUM_ROUNDING))
    common = {field.name: getattr(schedule, field.name) for field in fields(CooldownSchedule)}
    return PiecewiseSchedule(**common | {"steps": T2 + 1}, milestones=(start,), factors=(factor,))
