"""Ways to train past a plan: a longer cooldown, a lower learning rate, or both."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scheduled.answers.page import NoAnswer, Number, short
from scheduled.answers.plan import Plan
from scheduled.bounds.horizon_transfer import Adaptation, Extension, LowerStage, NoTransfer
from scheduled.schedules.constant import ConstantSchedule
from scheduled.schedules.cooldown import CooldownSchedule
from scheduled.schedules.join import JoinedSchedule
from scheduled.schedules.piecewise import PiecewiseConstantSchedule
from scheduled.schedules.recognise import from_values
from scheduled.schedules.sqrt import SqrtSchedule
from scheduled.schedules.tabulated import TabulatedSchedule
from scheduled.schedules.wsd import WSDSchedule

__all__ = ["Lowered", "Way", "closest_way", "found_way", "with_plateau"]


@dataclass(frozen=True)
class Way:
    """One way to continue.

    Attributes
    ----------
    name : str
        ``cooldown``, ``lower`` or ``both``.
    schedule : Schedule
        Of M + 1 steps at the user's own peak.
    branch : int
        The step at which it leaves the old plan.
    cooldown, factor : float
        c and ρ.
    bound : Number
        Its bound over that of the same plan stretched, at the same learning rate.
    best_lr : float
        Its γ* over the learning rate kept: 1 where the root was met.
    note : str
    """

    name: str
    schedule: CooldownSchedule
    branch: int
    cooldown: float
    factor: float
    bound: Number
    best_lr: float
    note: str = ""

    def spec(self) -> str:
        """The schedule as a SPEC in one line."""
        S = self.schedule
        kind = {"piecewise": "piecewise", "sqrt": "sqrt"}.get(S.kind, "wsd")
        items = [f"steps={S.steps - 1}"]
        if S.warmup_steps:
            items.append(f"warmup={S.warmup_steps}")
        if isinstance(S, PiecewiseConstantSchedule):
            kind = "piecewise"
            items += [f"at={S.milestones[0]}", f"factor={S.factors[0]:.6g}"]
        items.append(f"cooldown={S.cooldown_steps}")
        if S.decay_type != "linear":
            items.append(f"shape={S.decay_type}")
        if S.final_lr:
            items.append(f"final={S.final_lr:.6g}")
        return f"{kind}:{','.join(items)},lr={S.base_lr:.6g}"


@dataclass(frozen=True)
class Lowered(LowerStage):
    """`LowerStage`, lowered no earlier than a step, with a cooldown fraction of its own."""

    earliest: int = 0
    cooldown: float = 0.0

    def at(self, earliest: int, cooldown: float) -> Lowered:
        """The same from a step on, with a cooldown fraction."""
        return replace(self, earliest=earliest, cooldown=cooldown)

    def adapt(self, value: float) -> PiecewiseConstantSchedule:
        adapted = super().adapt(value)
        start = max(adapted.milestones[0], self.earliest)
        return replace(adapted, milestones=(start,), cooldown_len=self.cooldown)


def closest_way(name: str, adaptation: Adaptation, lr: float) -> Way:
    """The way whose best learning rate is the one kept, or the closest to it, with a note."""
    try:
        return found_way(name, adaptation.extend(None), lr)
    except NoTransfer as error:
        found = error.closest
        off = found.optimal_base_lr / found.base_lr
        note = (
            "nothing makes your learning rate the best one; this comes closest, and its best one "
            f"is ×{off:.3f} of yours"
        )
        return found_way(name, found, lr, note)


def found_way(name: str, found: Extension, lr: float, note: str = "") -> Way:
    """A way in the user's units, from its extension at a peak of 1."""
    schedule = replace(found.schedule, base_lr=lr)
    return Way(
        name,
        schedule,
        found.branch_step,
        schedule.cooldown_steps / schedule.steps,
        found.value if found.parameter == "factor" else 1.0,
        Number(found.bound / found.naive_bound, "ranked", "the last-iterate bound"),
        found.optimal_base_lr / found.base_lr,
        note,
    )


def with_plateau(plan: Plan) -> CooldownSchedule:
    """The schedule of a plan, with a plateau that can be held for longer.

    Raises
    ------
    NoAnswer
        If it has none.
    """
    schedule = plan.schedule
    if plan.run is not None and plan.run.status == "diverged":
        raise NoAnswer(
            f"{plan.run.name}: diverged at step {plan.run.facts['diverged_at']}: its learning rate "
            "is not one to continue with. Extend a run that trained, or its plan."
        )
    known = (WSDSchedule, SqrtSchedule)
    if isinstance(schedule, JoinedSchedule | TabulatedSchedule) or not isinstance(schedule, known):
        found = from_values(schedule.schedule)
        schedule = found.schedule
    constant = isinstance(schedule, ConstantSchedule)
    if constant or (isinstance(schedule, known) and schedule.cooldown_steps == 0):
        raise NoAnswer(
            f"{plan.name}: no cooldown is in it, so the steps for which its learning rate was "
            "chosen are unknown. Give the plan with its cooldown: "
            f"--schedule wsd:steps=T,cooldown=.2,lr={short(schedule.base_lr)}, T its planned steps"
        )
    if not isinstance(schedule, known):
        raise NoAnswer(
            f"{plan.name}: it has no plateau to hold for longer: each of its learning rates "
            "depends on the total. `transfer` says which learning rate another total asks for; "
            "only a schedule with a plateau can be extended as it runs."
        )
    if schedule.cooldown_steps + schedule.warmup_steps + 1 >= schedule.steps:
        raise NoAnswer(f"{plan.name}: it decays from the start, with no plateau to hold for longer")
    return schedule
