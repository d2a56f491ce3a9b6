"""The schedule that what is known of a run describes, and whether it is that of the log."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from scheduled.core.arguments import FloatArray, IntArray
from scheduled.schedules.base import Schedule
from scheduled.schedules.constant import ConstantSchedule
from scheduled.schedules.cosine import CosineSchedule
from scheduled.schedules.join import JoinedSchedule, Part
from scheduled.schedules.piecewise import PiecewiseConstantSchedule
from scheduled.schedules.wsd import WSDSchedule

__all__ = ["EXACT", "declared_schedules", "difference", "exact_schedule"]

EXACT = 1e-9
"""Largest difference, relative to the peak, of the logged schedule, beside rounding."""
DECLARED = ("scheduler", "lr", "iterations")
"""What facts that someone declares call the family, the peak and the horizon."""


def declared_schedules(
    facts: Mapping[str, Any],
    at: IntArray,
    lrs: FloatArray,
    names: tuple[str, str, str] = DECLARED,
) -> Iterator[Schedule]:
    """The schedules that facts may mean, of T + 1 steps; none where they are too few or others.

    Parameters
    ----------
    facts : mapping
        As of a list of runs: ``scheduler``, ``lr``, ``iterations``, ``warmup_steps``,
        ``cooldown``, ``decay_type``, ``final_lr``, ``twostage_factor``, ``resumed_step``.
    at, lrs : array, shape (K,)
        Indices from 0, and the learning rates logged there. Nobody declares where a warm-up
        starts: they tell.
    names : tuple of str
        What the facts call the family, the peak and the horizon.

    Examples
    --------
    >>> facts = {"scheduler": "linear", "lr": 1.0, "iterations": 4, "warmup_steps": 2}
    >>> [S.schedule.tolist() for S in declared_schedules(facts, np.array([1]), np.array([0.5]))]
    [[0.0, 0.5, 1.0, 0.5, 0.0]]
    """
    kind, peak, horizon = (facts.get(name) for name in names)
    if kind is None or peak is None or horizon is None:
        return
    steps, warmup = int(horizon) + 1, int(_number(facts, "warmup_steps"))
    given: dict[str, Any] = {"base_lr": float(peak), "warmup_steps": warmup}
    final = facts.get("final_lr")
    if final is None and kind == "cos":
        # Where nothing is said, the paper's trainer ends at a tenth.
        final = 0.1 * peak
    ends = {**given, "final_lr": float(final or 0.0), "final_lr_absolute": bool(final)}
    shape: Any = facts.get("decay_type") or "linear"
    found: list[Schedule] = []
    try:
        match kind:
            case "cos" | "cosine":
                found.append(CosineSchedule(steps, **ends))
            case "linear":
                share = _share(steps - 1 - warmup, steps)
                found.append(WSDSchedule(steps, cooldown_len=share, **ends))
            case "constant" | "constant_with_warmup":
                found.append(ConstantSchedule(steps, **given))
            case "wsd" | "wsd_twostage":
                length = facts.get("cooldown_steps")
                if length is None:
                    length = round(_number(facts, "cooldown") * (steps - 1))
                down: dict[str, Any] = {
                    **ends,
                    "cooldown_len": _share(int(length), steps),
                    "decay_type": shape,
                }
                if kind == "wsd":
                    found.append(WSDSchedule(steps, **down))
                elif facts.get("twostage_factor") and facts.get("resumed_step"):
                    down["milestones"] = (int(facts["resumed_step"]),)
                    down["factors"] = (float(facts["twostage_factor"]),)
                    found.append(PiecewiseConstantSchedule(steps, **down))
        for schedule in found:
            yield _with_start(schedule, at, lrs)
        if kind == "cos" and warmup > 1:
            yield _one_cycle(steps, float(peak), warmup, float(final or 0.0) / peak, at, lrs)
    except ValueError:
        return  # Facts that contradict each other describe none.


def exact_schedule(
    facts: Mapping[str, Any],
    at: IntArray,
    lrs: FloatArray,
    error: float,
    names: tuple[str, str, str] = DECLARED,
) -> Schedule | None:
    """The schedule that facts mean if it has all learning rates to rounding; else None.

    Parameters
    ----------
    facts, at, lrs, names
        As of `declared_schedules`.
    error : float
        How far a learning rate may be off by the way it was written.
    """
    for found in declared_schedules(facts, at, lrs, names):
        if difference(found, at, lrs) <= EXACT + 4 * error / float(lrs.max()):
            return found
    return None


def difference(schedule: Schedule, at: IntArray, lrs: FloatArray) -> float:
    """The largest difference of a schedule from learning rates, relative to the largest of them.

    Infinite where they go on after its end.
    """
    if at[-1] >= schedule.steps:
        return np.inf
    return float(np.abs(schedule.schedule[at] - lrs).max() / lrs.max())


def _number(facts: Mapping[str, Any], name: str) -> float:
    return float(facts.get(name) or 0.0)


def _with_start(schedule: Schedule, at: IntArray, lrs: FloatArray) -> Schedule:
    """A schedule whose warm-up starts where the rows of it say: nobody declares that."""
    ramp = at < schedule.warmup_steps
    if not ramp.any():
        return schedule
    done = at[ramp] / schedule.warmup_steps
    starts = (lrs[ramp] / schedule.base_lr - done) / (1 - done)
    if np.ptp(starts) > 1e-6 or not 1e-6 < starts[0] <= 1:
        return schedule
    started = copy.copy(schedule)
    started.warmup_lr = float(starts[0])
    return started


def _one_cycle(
    steps: int, peak: float, warmup: int, end: float, at: IntArray, lrs: FloatArray
) -> Schedule:
    """PyTorch's ``OneCycleLR``, with which the paper's trainer makes its cosines.

    Two half cosines: up to the peak at index W − 1, and down to the end at index T − 1. One step
    further it goes on with the cosine, which rises.
    """
    start = 0.0
    ramp = at < warmup - 1
    if ramp.any():
        done = float(np.sin(0.5 * np.pi * at[ramp][0] / (warmup - 1)) ** 2)
        start = min(max(float(lrs[ramp][0] / peak - done) / (1 - done), 0.0), 1.0)
    length = steps - warmup
    parts = (
        Part(warmup - 1, start, 1.0, "cosine", offset=0),
        Part(length, 1.0, end, "cosine", offset=0, span=max(length - 1, 1)),
        Part(1, end + (1 - end) * float(np.sin(0.5 * np.pi / max(length - 1, 1)) ** 2)),
    )
    return JoinedSchedule(steps, base_lr=peak, parts=parts)


def _share(count: int, steps: int) -> float:
    """The fraction of which ⌊fraction·steps⌋ is a number of steps."""
    return min((count + 0.5) / steps, 1.0) if count else 0.0
