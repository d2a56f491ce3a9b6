"""Parts of a schedule by absolute steps k = 0, 1, 2, …, as frameworks define them.

`Line` joins such parts, and cuts them where the schedule ends; `segments` is the way back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from scheduled.core.arguments import FloatArray
from scheduled.core.rounding import SUM_ROUNDING
from scheduled.schedules.join import JoinedSchedule, Part
from scheduled.schedules.shapes import UNBOUNDED, ShapeName
from scheduled.schedules.tabulated import TabulatedSchedule

__all__ = ["EXACT", "Line", "Segment", "largest_difference", "reshaped", "segments"]


EXACT = 1e-12
"""What counts as exact: the largest difference relative to the largest learning rate."""

MOST_WAVES = 10_000


@dataclass(frozen=True)
class Segment:
    """The steps first…upto−1 of a way from `start`, at step `begin`, to `end`, `span` steps later.

    The progress of step k is (k − begin)/span; shape and power are those of `Part`.
    """

    first: int
    upto: int
    start: float
    end: float
    shape: ShapeName
    power: float
    begin: float
    span: float

    @property
    def levels(self) -> tuple[float, float]:
        """Start and end."""
        return self.start, self.end

    @property
    def rises(self) -> bool:
        """Whether it rises."""
        return self.end > self.start

    @property
    def flat(self) -> bool:
        """Whether all its learning rates are the same."""
        return self.start == self.end or self.shape == "constant"


class Line:
    """Parts of a schedule, put one after the other by the step where each one ends.

    Parameters
    ----------
    base_lr : float
        What every other learning rate is relative to.
    count : int
        N, the number of learning rates to fill.

    Examples
    --------
    >>> line = Line(2.0, 5)
    >>> line.go(2, 0.0, 1.0, begin=0, span=2)
    >>> line.go(5, 1.0, 0.0, begin=2, span=2)
    >>> line.schedule().schedule
    array([0., 1., 2., 1., 0.])
    """

    def __init__(self, base_lr: float, count: int) -> None:
        self.base_lr = base_lr
        self.count = count
        self.at = 0
        self.parts: list[Part | FloatArray] = []

    def hold(self, upto: float, level: float) -> None:
        """Stay at a level before step `upto`."""
        steps = self._steps(upto)
        if steps:
            self.parts.append(Part(steps, level, level, "constant"))
            self.at += steps

    def go(
        self,
        upto: float,
        start: float,
        end: float,
        shape: ShapeName = "linear",
        *,
        begin: float,
        span: float,
        power: float = 1.0,
    ) -> None:
        """Go from `start`, at step `begin`, to `end`, `span` steps later, and hold the end.

        Nothing is put at step `upto` and after it. Where `begin` lies after the last step so far,
        the start is held until then.
        """
        self.hold(min(upto, math.ceil(begin)), start)
        steps = self._steps(upto)
        if shape not in UNBOUNDED:
            # The last step that is not beyond the end.
            last = math.floor((begin + span) * (1 + SUM_ROUNDING))
            steps = min(steps, max(last + 1 - self.at, 0))
        if steps and span > 0:
            if shape == "exponential" and end == 0:
                raise ValueError("an exponential decay cannot end at 0")
            offset = self.at - begin
            self.parts.append(Part(steps, start, end, shape, power, span, offset))
            self.at += steps
        self.hold(upto, end)

    def wave(self, upto: float, floor: float, *, begin: float, span: float) -> None:
        """Half-waves of a cosine, from 1 down to the floor and up again, one every `span` steps."""
        upto = min(upto, self.count)
        if not (span > 0 and upto - self.at <= MOST_WAVES * span):
            raise ValueError(f"{upto} steps have more than {MOST_WAVES} half-waves of {span!r}")
        levels = 1.0, floor
        while self.at < upto:
            # A step on the turn belongs to the half-wave before it.
            stop = math.floor((begin + span) * (1 + SUM_ROUNDING)) + 1
            self.go(min(upto, stop), *levels, "cosine", begin=begin, span=span)
            begin, levels = begin + span, levels[::-1]

    def put(self, segment: Segment, at: int = 0) -> None:
        """Put a segment, whose steps are counted from step `at`."""
        self.go(
            at + segment.upto,
            segment.start,
            segment.end,
            segment.shape,
            begin=at + segment.begin,
            span=segment.span,
            power=segment.power,
        )

    def table(self, lrs: FloatArray) -> None:
        """Go on with relative learning rates of a shape that parts do not have."""
        steps = self._steps(self.at + lrs.size)
        if steps:
            self.parts.append(lrs[:steps])
            self.at += steps

    def _steps(self, upto: float) -> int:
        return max(int(min(upto, self.count)) - self.at, 0)

    def schedule(self) -> JoinedSchedule | TabulatedSchedule:
        """The schedule, as a table if a part of it is one; all N steps must be filled."""
        parts = [part for part in self.parts if isinstance(part, Part)]
        if len(parts) == len(self.parts):
            return JoinedSchedule(self.count, base_lr=self.base_lr, parts=tuple(parts))
        lrs = [part.lrs() if isinstance(part, Part) else part for part in self.parts]
        return TabulatedSchedule(np.concatenate(lrs), base_lr=self.base_lr)


def segments(schedule: JoinedSchedule, steps: int) -> list[Segment]:
    """The parts of the first `steps` steps by absolute steps; equal levels in a row are one."""
    found: list[Segment] = []
    at = 0
    for part in schedule.resolved():
        count = min(part.steps or 0, steps - at)
        if count <= 0:
            continue
        assert part.start is not None
        assert part.end is not None
        assert part.span is not None
        flat = part.start == part.end or part.shape == "constant"
        if flat and found and found[-1].flat and found[-1].start == part.start:
            found[-1] = _until(found[-1], at + count)
        else:
            found.append(
                Segment(
                    at,
                    at + count,
                    part.start,
                    part.start if flat else part.end,
                    "constant" if flat else part.shape,
                    part.power,
                    at - part.offset,
                    part.span,
                )
            )
        at += count
    return found


def _until(segment: Segment, upto: int) -> Segment:
    return replace(segment, upto=upto)


def reshaped(segment: Segment, shape: ShapeName) -> Segment:
    """The same way by another shape, if it is a fall.

    Examples
    --------
    >>> reshaped(Segment(0, 9, 1.0, 0.0, "1-sqrt", 1.0, 0, 9), "linear").shape
    'linear'
    """
    if segment.end >= segment.start:
        return segment
    return replace(segment, shape=shape, power=1.0)


def largest_difference(lrs: FloatArray, others: FloatArray) -> tuple[float, int]:
    """The largest difference, relative to the largest LR of the first, and its first step k.

    Examples
    --------
    >>> largest_difference(np.array([0.0, 2.0, 1.0]), np.array([0.0, 2.0, 1.5]))
    (0.25, 2)
    """
    peak = max(float(np.max(np.abs(lrs))), np.finfo(float).tiny)
    differences = np.abs(lrs - others) / peak
    largest = float(differences.max())
    # The first of those that differ from the largest by rounding alone.
    return largest, int(np.argmax(differences >= largest * (1 - 1e-9)))
