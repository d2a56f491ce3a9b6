"""The checks, each a function of a schedule and its run that finds one thing at most."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from scheduled import convert
from scheduled.convert.base import EXACT, AnySchedule, Outline
from scheduled.core.arguments import FloatArray, check_integer, check_steps
from scheduled.schedules.base import Schedule
from scheduled.schedules.join import JoinedSchedule, Part
from scheduled.schedules.tabulated import TabulatedSchedule

__all__ = ["Finding", "lint"]


@dataclass(frozen=True)
class Finding:
    """One thing that may be wrong.

    Attributes
    ----------
    code : str
        What, in one word; see `lint`.
    step : int
        The step k, counted from 0, where it shows.
    value : float
        The number that goes with the code.
    message : str
        What is so, with the numbers.
    advice : str
        What to do.
    level : {"warning", "note"}
        A note is what most frameworks do anyway.
    """

    code: str
    step: int
    value: float
    message: str
    advice: str
    level: Literal["warning", "note"] = "warning"

    def __str__(self) -> str:
        return f"{self.code} (step {self.step}): {self.message}; {self.advice}"


@dataclass(frozen=True)
class Run:
    """A schedule and the steps trained with it.

    Attributes
    ----------
    outline : Outline
        The learning rates of the T steps trained, and the parts behind them.
    planned : int
        The total that the schedule was made for.
    parts : tuple of Part
        Of the config of a framework, where what holds is of the shape ``constant``.
    """

    outline: Outline
    planned: int
    parts: tuple[Part, ...] = ()

    @property
    def lrs(self) -> FloatArray:
        """The learning rates over the base LR."""
        return self.outline.lrs / self.outline.base_lr

    @property
    def T(self) -> int:
        """The steps that are trained."""
        return self.outline.total

    @property
    def decay_end(self) -> float:
        """The step at which the last decay is at its end; infinite without one."""
        decay = self.outline.decay
        if not self.outline.falls or decay.shape == "inverse":
            return math.inf
        # An exponential decay is at its end where a floor follows.
        if decay.shape == "exponential" and not self.outline.segments[-1].flat:
            return math.inf
        return decay.begin + decay.span


def lint(
    source: str | Path | Schedule | TabulatedSchedule,
    framework: str | None = None,
    *,
    steps: int | None = None,
    resume: tuple[int, int] | None = None,
) -> list[Finding]:
    """What may be wrong with a schedule.

    Parameters
    ----------
    source : str, Path or Schedule
        A schedule, or what `scheduled.convert.read` reads.
    framework : str, optional
        As of `read`.
    steps : int, optional
        T, the number of steps trained; by default the total of the config, or N − 1.
    resume : tuple of int, optional
        A step k, and another total with which training goes on from it.

    Returns
    -------
    list of Finding
        In the order of this table; the value of each finding behind its code.

    ====================  =====================  ================================================
    code                  value                  meaning
    ====================  =====================  ================================================
    ``warmup-too-long``   W                      the warm-up does not end within the run
    ``peak-not-reached``  largest LR / base LR   no step has the base LR
    ``above-peak``        largest LR / base LR   an LR is above the base LR: a floor above the
                                                 peak, most often
    ``flat-decay``        its LR / base LR       a decay that goes to where it starts
    ``starts-at-zero``    steps at LR 0          the first steps change nothing
    ``zero-at-the-end``   steps at LR 0          the last steps change nothing
    ``decay-early``       steps at the floor     the decay ends before the run, above LR 0
    ``decay-cut``         last LR / base LR      the run ends before the decay does
    ``last-above-floor``  last LR / base LR      the last step is one short of the floor, as in
                                                 most frameworks
    ``warmup-twice``      W                      the decay ends W steps before the run: the
                                                 warm-up was subtracted from a length that
                                                 includes it
    ``planned-longer``    planned T              the schedule was made for more steps
    ``planned-shorter``   planned T              the schedule was made for fewer steps
    ``resume-jump``       LR after / LR before   the LR jumps where training goes on
    ====================  =====================  ================================================

    Raises
    ------
    ConversionError
        If a config is not understood.
    ValueError
        If `steps` or `resume` is out of range.

    Examples
    --------
    >>> from scheduled import WSDSchedule
    >>> [finding.code for finding in lint(WSDSchedule(101, cooldown_len=0.2), steps=90)]
    ['decay-cut', 'planned-longer']
    """
    run = _run(source, framework, steps)
    found = [finding for check in CHECKS for finding in check(run)]
    if resume is not None:
        found += _resume(source, framework, run, resume)
    return found


def _run(source: object, framework: str | None, steps: int | None) -> Run:
    if isinstance(source, Schedule | TabulatedSchedule):
        N = source.schedule.size
        planned = max(N - 1, 1)
        T = planned if steps is None else check_integer("steps", steps, low=1, high=N)
        return Run(convert.outline(source, T), planned)
    if not isinstance(source, str | Path):
        raise ValueError(f"source={source!r} must be a schedule, a text or a path")
    planned, schedule, T = convert.read_run(source, framework, steps)
    parts = schedule.resolved() if isinstance(schedule, JoinedSchedule) else ()
    return Run(convert.outline(schedule, T), planned, parts)


def _warmup_too_long(run: Run) -> Iterator[Finding]:
    warmup, W = run.outline.warmup, run.outline.warmup_steps
    if warmup is not None and warmup.begin + warmup.span > run.T:
        yield Finding(
            "warmup-too-long",
            run.T - 1,
            float(W),
            f"the warm-up takes {W} steps, the run has {run.T}",
            "shorten the warm-up, or check whether it is in steps of the optimizer",
        )


def _peak_not_reached(run: Run) -> Iterator[Finding]:
    top = int(np.argmax(run.lrs))
    value = float(run.lrs[top])
    if value < 1 - EXACT:
        yield Finding(
            "peak-not-reached",
            top,
            value,
            f"the largest LR is {value:.6g} of {run.outline.base_lr:.6g}",
            "see whether the decay begins before the warm-up ends",
        )


def _above_peak(run: Run) -> Iterator[Finding]:
    top = int(np.argmax(run.lrs))
    value = float(run.lrs[top])
    if value > 1 + EXACT:
        yield Finding(
            "above-peak",
            top,
            value,
            f"the LR rises to {value:.6g} times {run.outline.base_lr:.6g}",
            "see whether the minimum is above the peak, or a ratio was given as a learning rate",
        )


def _flat_decay(run: Run) -> Iterator[Finding]:
    begin = 0
    for part in run.parts:
        if part.shape != "constant" and part.start == part.end and part.steps and begin < run.T:
            yield Finding(
                "flat-decay",
                begin,
                part.start or 0.0,
                f"from step {begin} the LR goes from {part.start:.6g} of the peak to the same",
                "give the end: that of nanotron, min_decay_lr, is the peak by default",
            )
            return
        begin += part.steps or 0


def _starts_at_zero(run: Run) -> Iterator[Finding]:
    positive = np.flatnonzero(run.lrs > 0)
    first = int(positive[0]) if positive.size else run.T
    if first:
        yield Finding(
            "starts-at-zero",
            0,
            float(first),
            f"the LR is 0 at the start, for {_steps(first)}",
            "nothing is trained there; a warm-up by (k + 1)/W begins above 0",
            "note" if first == 1 else "warning",
        )


def _zero_at_the_end(run: Run) -> Iterator[Finding]:
    last = _first_of_the_tail(run.lrs, 0.0)
    if 0 < last < run.T:
        yield Finding(
            "zero-at-the-end",
            last,
            float(run.T - last),
            f"the LR is 0 at the end, for {_steps(run.T - last)} of {run.T}",
            f"nothing is trained there: end the decay at step {run.T}",
            "note" if last == run.T - 1 else "warning",
        )


def _decay_early(run: Run) -> Iterator[Finding]:
    floor = float(run.lrs[-1])
    at = _first_of_the_tail(run.lrs, floor)
    if floor > 0 and 0 < at < run.T - 1 and run.decay_end <= at:
        yield Finding(
            "decay-early",
            at,
            float(run.T - at),
            f"the decay ends at step {at}, and {_steps(run.T - at)} stay at {floor:.6g}",
            "lengthen the decay if that is not intended",
        )


def _decay_cut(run: Run) -> Iterator[Finding]:
    last = float(run.lrs[-1])
    if math.isfinite(run.decay_end) and run.decay_end > run.T + EXACT:
        yield Finding(
            "decay-cut",
            run.T - 1,
            last,
            f"the run ends at step {run.T}, the decay at step {run.decay_end:g}: "
            f"the last LR is {last:.4g} of the peak",
            "end the decay with the run: a cut one costs most of what a decay gains",
        )


def _last_above_floor(run: Run) -> Iterator[Finding]:
    last, floor = float(run.lrs[-1]), run.outline.floor
    ends = run.T - 1 + EXACT < run.decay_end <= run.T + EXACT
    if ends and last > floor + EXACT:
        yield Finding(
            "last-above-floor",
            run.T - 1,
            last,
            f"the last LR is {last:.4g} of the peak, the floor {floor:.4g} would come a step later",
            "nothing to do, unless steps must be trained at the floor",
            "note",
        )


def _warmup_twice(run: Run) -> Iterator[Finding]:
    warmup, W = run.outline.warmup, run.outline.warmup_steps
    # Of a schedule for fewer steps, it is the run that goes on too long.
    if warmup is None or W < 2 or run.planned != run.T:
        return
    end = run.decay_end
    if not math.isfinite(end):
        return
    # Of a table, the end is known to a step.
    if abs(run.T - end - W) < 1:
        yield Finding(
            "warmup-twice",
            round(end),
            float(W),
            f"the decay ends at step {end:g}, {W} steps before the run: the length of the warm-up",
            "where the length of the decay includes the warm-up, do not subtract it again",
        )


def _planned(run: Run) -> Iterator[Finding]:
    if run.planned == run.T:
        return
    longer = run.planned > run.T
    last = float(run.lrs[-1])
    yield Finding(
        "planned-longer" if longer else "planned-shorter",
        min(run.T, run.planned) - 1,
        float(run.planned),
        f"the schedule is made for {run.planned} steps, the run has {run.T}: "
        f"its last LR is {last:.4g} of the peak",
        "give the schedule the number of steps to train",
    )


CHECKS: tuple[Callable[[Run], Iterator[Finding]], ...] = (
    _warmup_too_long,
    _peak_not_reached,
    _above_peak,
    _flat_decay,
    _starts_at_zero,
    _zero_at_the_end,
    _decay_early,
    _decay_cut,
    _last_above_floor,
    _warmup_twice,
    _planned,
)


def _resume(
    source: str | Path | Schedule | TabulatedSchedule,
    framework: str | None,
    run: Run,
    resume: tuple[int, int],
) -> Iterator[Finding]:
    if not isinstance(resume, tuple | list) or len(resume) != 2:
        raise ValueError(f"resume={resume!r} must be a step and a total")
    step, total = resume
    step = check_integer("resume[0]", step, low=0, high=run.T - 1)
    total = check_steps("resume[1]", total, low=step + 1)
    other = _other_total(source, framework, total)
    before = float(run.outline.lrs[step])
    after = float(other.schedule[step])
    if abs(after - before) > EXACT * run.outline.base_lr:
        ratio = after / before if before else math.inf
        yield Finding(
            "resume-jump",
            step,
            ratio,
            f"at step {step} the LR is {before:.6g} with a total of {run.planned} and {after:.6g} "
            f"with {total}: it would jump to {ratio:.4g} times what it was",
            "keep the total, or join the rest at the current LR",
        )


def _other_total(
    source: str | Path | Schedule | TabulatedSchedule, framework: str | None, total: int
) -> AnySchedule | Schedule:
    if isinstance(source, TabulatedSchedule):
        raise ValueError("resume: a table has no other total")
    if isinstance(source, Schedule):
        return dataclasses.replace(source, steps=total + 1)
    return convert.read_run(source, framework, total, total=total)[1]


def _first_of_the_tail(lrs: FloatArray, level: float) -> int:
    """The first of the last steps that are all at a level; T if the last one is not."""
    others = np.flatnonzero(np.abs(lrs - level) > EXACT)
    return int(others[-1]) + 1 if others.size else 0


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"
