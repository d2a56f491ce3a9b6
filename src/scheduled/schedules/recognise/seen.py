"""The learning rates that are given, and how to try a schedule on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from scheduled.core.arguments import FloatArray, IntArray
from scheduled.schedules.base import Schedule
from scheduled.schedules.join import JoinedSchedule

Candidate: TypeAlias = tuple[type[Schedule], dict[str, Any]]
"""A family and its arguments but the steps, to be built and compared."""

MOST_FITS = 8
"""Schedules that fit equally well and are kept."""


@dataclass(frozen=True)
class Seen:
    """Learning rates at indices from 0, how far off each may be, and the number of steps."""

    at: IntArray
    lrs: FloatArray
    tolerance: FloatArray
    steps: int
    peak: float

    @property
    def rounded(self) -> bool:
        return bool(self.tolerance.max() > 1e-9 * self.peak)

    @property
    def top(self) -> IntArray:
        """Positions of the learning rates that are the peak within rounding."""
        best = int(self.lrs.argmax())
        return np.flatnonzero(self.lrs >= self.peak - self.tolerance - self.tolerance[best])

    def differences(self, schedule: ArrayLike) -> FloatArray:
        return np.abs(np.asarray(schedule)[self.at] - self.lrs)

    def has(self, schedule: Schedule) -> bool:
        return bool(np.all(self.differences(schedule.schedule) <= self.tolerance))


def fitting(seen: Seen, candidates: Iterator[Candidate]) -> list[Schedule]:
    found: list[Schedule] = []
    for family, arguments in candidates:
        try:
            schedule = family(seen.steps, **arguments)
        except ValueError:  # an argument out of range: so it is none of that family
            continue
        if not seen.has(schedule):
            continue
        # With the same steps, and LRs that differ by no more than they are rounded, it is the one
        # found already, whose arguments are rounder.
        same = [S for S in found if _counts(S) == _counts(schedule)]
        if not any(np.allclose(S, schedule, rtol=0.0, atol=seen.tolerance.max()) for S in same):
            found.append(schedule)
            if len(found) == MOST_FITS:
                break
    return found


def _counts(schedule: Schedule) -> tuple[Any, ...]:
    """Kind and numbers of steps."""
    parts = schedule.resolved() if isinstance(schedule, JoinedSchedule) else ()
    names = ("warmup_steps", "cooldown_steps", "milestones")
    counts = [getattr(schedule, name, None) for name in names]
    return schedule.kind, *counts, *((part.steps, part.shape) for part in parts)
