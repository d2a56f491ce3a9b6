"""A schedule in the user's units, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduled.bounds.tuning import compute_optimal_base
from scheduled.core.arguments import FloatArray
from scheduled.core.errors import UserError
from scheduled.schedules.base import Schedule
from scheduled.schedules.join import JoinedSchedule
from scheduled.schedules.recognise import from_values
from scheduled.schedules.tabulated import TabulatedSchedule
from scheduled.schedules.wsd import WSDSchedule

if TYPE_CHECKING:
    from scheduled.runs.read import LoggedRun

__all__ = ["Plan", "SpecError", "plan_of_run"]


class SpecError(UserError):
    """A SPEC that is not understood; the message says what is allowed."""


@dataclass(frozen=True)
class Plan:
    """A schedule, and where it comes from.

    Attributes
    ----------
    name : str
        What the user wrote, or the file's name.
    schedule : Schedule or TabulatedSchedule
        Of N = T + 1 steps, in the user's units.
    lr : float or None
        The peak learning rate; None where the user named none.
    run : LoggedRun or None
        The run of the log that it was read from.
    trained : int or None
        T, where it is not N − 1: OLMo-core uses the last learning rate, too.
    """

    name: str
    schedule: Schedule | TabulatedSchedule
    lr: float | None = None
    run: LoggedRun | None = None
    trained: int | None = None

    @property
    def steps(self) -> int:
        """T, the steps that are trained."""
        return self.trained or self.schedule.steps - 1

    @property
    def shape(self) -> TabulatedSchedule:
        """The learning rates over the largest one."""
        lrs = self.schedule.schedule
        return TabulatedSchedule(lrs / lrs.max())

    def optimum(self, steps: int | None = None) -> tuple[float, float]:
        """γ* and Ω(γ*) in theory's units (D = G = 1), at the last step with a positive LR.

        Parameters
        ----------
        steps : int, optional
            Stretch the schedule over so many steps.
        """
        shape = self.shape
        if steps is not None and steps != self.steps:
            old = shape.multipliers
            at = np.linspace(0, old.size - 1, steps + 1)
            shape = TabulatedSchedule(np.interp(at, np.arange(old.size), old))
        positive = int(np.flatnonzero(shape.multipliers)[-1]) + 1
        return compute_optimal_base(shape, T=min(positive, max(shape.steps - 1, 1)))

    @property
    def kind(self) -> str:
        """The family's usual name: wsd, linear, cosine, constant, poly, 1-sqrt, … or other."""
        schedule = self.schedule
        if isinstance(schedule, JoinedSchedule) or not isinstance(schedule, Schedule):
            found = from_values(schedule.schedule).schedule
            schedule = found if not isinstance(found, TabulatedSchedule) else schedule
        if isinstance(schedule, JoinedSchedule):
            falls = [p for p in schedule.resolved() if p.steps and p.end != p.start]
            last = falls[-1] if falls else None
            if last and last.shape == "linear" and last.power != 1:
                return "poly"
            return "other"
        if isinstance(schedule, WSDSchedule):
            if schedule.cooldown_steps == 0:
                return "constant"
            if schedule.cooldown_steps + schedule.warmup_steps + 1 >= schedule.steps:
                return "linear" if schedule.decay_type == "linear" else schedule.decay_type
            return "wsd"
        return getattr(schedule, "kind", "other")

    @property
    def assumed(self) -> tuple[str, ...]:
        """What is taken for granted about it: of a log that names no total, its last step."""
        run = self.run
        if run is None or run.facts["horizon"] is not None or "iterations" in run.declared:
            return ()
        return (
            f"The log names no total: its last step, {self.steps}, is taken as the end. If the "
            "run goes on, give its plan instead.",
        )

    def curve(self) -> tuple[FloatArray, FloatArray]:
        """Steps 0…T−1 and their learning rates, for a figure."""
        lrs = self.schedule.schedule[: max(self.steps, 1)]
        return np.arange(lrs.size, dtype=float), lrs


def plan_of_run(run: LoggedRun) -> Plan:
    """The plan behind a logged run.

    Raises
    ------
    NoAnswer
        If too few learning rates were logged, or none before the decay.
    """
    from scheduled.answers.page import NoAnswer

    behind = run.behind
    if behind is None:
        raise NoAnswer(
            f"{run.name}: fewer than two learning rates were logged, so the schedule is unknown. "
            "Log the learning rate, or give the schedule itself, as SPEC."
        )
    schedule = behind.schedule
    if "begins-late" in run.codes and schedule.schedule.max() > 1.001 * run.rates.lrs.max():
        raise NoAnswer(
            f"{run.name}: it begins at step {run.facts['first_step']}, at a learning rate that "
            "falls from there on: its peak is not in it. Give the plan, as SPEC or --schedule."
        )
    return Plan(run.name, schedule, float(schedule.schedule.max()), run)
