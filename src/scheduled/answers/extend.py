"""Training past the plan at the learning rate it has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scheduled.answers.evidence import COOLDOWN_LIMIT
from scheduled.answers.forecast import Forecasted, forecast_rates, noise_of
from scheduled.answers.page import NoAnswer, Page, Table, percent, short, unnamed
from scheduled.answers.picture import Curve, Picture
from scheduled.answers.plan import Plan
from scheduled.answers.trunk import held_until, trunk_of
from scheduled.answers.ways import Lowered, Way, closest_way, found_way, with_plateau
from scheduled.bounds.horizon_transfer import (
    CooldownLength,
)
from scheduled.core.arguments import check_integer, check_steps
from scheduled.laws.forecast import load_shared
from scheduled.schedules.cooldown import CooldownSchedule
from scheduled.schedules.wsd import WSDSchedule

__all__ = ["TIE", "Extended", "Way", "extend"]

_NO_LAW = (
    "No law tells the ways apart in loss: of the ten pairs of these runs, the law of the forecast "
    "has the sign of the gain wrong in nine."
)
TIE = 0.005
"""Ways whose bounds differ by less, over that of the same plan, are not told apart."""
_MEASURED = (
    "measured on the paper's 124M and 210M runs at 2× and 4× the steps: lowering gained about "
    ".01 of loss, worth about 4 to 7 % of the steps; in this project's own small runs it gained "
    ".2 % of the loss at 2×, nothing at 4×, and the longer cooldown four times as much (2.9 to 6.2)"
)


@dataclass(frozen=True)
class Extended:
    """Ways to train on with the learning rate of a plan.

    Attributes
    ----------
    plan : Plan
    to_steps : int
    now : int
    ways : tuple of Way
    assumed : tuple of str
        What the answer takes for granted.
    same : Forecasted or None
        The loss of the plan with the same cooldown fraction, stretched.
    why_none : str
        Why there is none.
    """

    plan: Plan
    to_steps: int
    now: int
    ways: tuple[Way, ...]
    assumed: tuple[str, ...] = ()
    same: Forecasted | None = None
    why_none: str = ""

    @property
    def best(self) -> Way:
        """The way with the least bound."""
        return min(self.ways, key=lambda way: way.bound.value)

    def page(self) -> Page:
        """What is printed."""
        lr = self.plan.lr or 1.0
        best = self.best
        lowered = (
            f"lower it to {short(lr * best.factor)} at step {best.branch} (×{best.factor:.3f}), "
            f"and cool down over the last {100 * best.cooldown:.0f} %"
        )
        cooled = f"cool down from step {best.branch} on, over the last {100 * best.cooldown:.0f} %"
        lines = [
            f"Keep {short(lr)}; {cooled if best.name == 'cooldown' else lowered}.",
        ]
        ties = [
            way.name
            for way in self.ways
            if way is not best and way.bound.value <= best.bound.value + TIE
        ]
        if ties:
            lines.append(f"A tie with it, less than 0.5 % of the bound apart: {', '.join(ties)}.")
        if self.same is not None:
            low, high = self.same.found.interval
            lines.append(
                f"With the old cooldown fraction it should end at a {self.same.trunk.loss_of} of "
                f"{self.same.found.final:.3f} (90 %: {low:.3f} to {high:.3f}); .01 of loss is "
                f"worth {self.same.steps_worth()} there."
            )
        rows = tuple(
            (
                way.name,
                f"{way.branch}",
                f"{way.cooldown:.3f}",
                f"{way.factor:.3f}",
                percent(way.bound.value),
                f"{way.best_lr:.3f}",
            )
            for way in self.ways
        )
        columns = ("way", "from step", "cooldown", "LR ×", "bound", "its best LR / yours")
        notes = tuple(f"{way.name}: {way.note}" for way in self.ways if way.note)
        none = unnamed(self.why_none, self.plan.run)
        limits = (
            "bound: against the old cooldown fraction at the same learning rate. It ranks ways; "
            "it is not a loss.",
            f"In loss and steps, {_MEASURED}. {_NO_LAW}",
            COOLDOWN_LIMIT,
            "The plan's learning rate is taken to be the best one for the plan's own steps.",
            *self.assumed,
            *((f"No forecast of the loss: {none}",) if none else ()),
        )
        data: dict[str, Any] = {
            "plan": self.plan.name,
            "lr": self.plan.lr,
            "to_steps": self.to_steps,
            "now": self.now,
            "best": best.name,
            "same_plan": self.same and self.same.page().data,
            "ways": [
                {
                    "way": way.name,
                    "spec": way.spec(),
                    "branch_step": way.branch,
                    "cooldown": way.cooldown,
                    "factor": way.factor,
                    "bound_over_same_plan": way.bound.data(),
                    "best_lr_over_kept": way.best_lr,
                    "note": way.note,
                }
                for way in self.ways
            ],
            "limits": limits,
        }
        curves = [Curve("plan", *self.plan.curve())]
        for way in self.ways:
            lrs = way.schedule.schedule[:-1]
            curves.append(Curve(way.name, np.arange(lrs.size, dtype=float), lrs))
        run = self.plan.run
        losses = []
        if run is not None:
            logged = run.table[["step", "learning_rate"]].dropna().to_numpy(float)
            curves.append(Curve("logged", logged[:, 0], logged[:, 1]))
            for column in ("train_loss", "val_loss"):
                found = run.table[["step", column]].dropna()
                if len(found):
                    x, y = (found[c].to_numpy(float) for c in ("step", column))
                    losses.append(Curve(column.replace("_", " "), x, y))
        now = self.now or (None if run is None else int(run.facts["last_step"]))
        picture = Picture(tuple(curves), tuple(losses), now)
        if self.same is not None:
            # With the fit, and the fan of the old cooldown fraction.
            below = self.same.picture()
            picture = replace(below, rates=tuple(curves))
        return Page(
            "extend", (*lines, *notes), (Table(columns, rows),), limits, data, picture, best.spec()
        )


def extend(plan: Plan, to_steps: int, now: int = 0) -> Extended:
    """Ways to train for more steps with the learning rate of a plan.

    The cooldown gets longer, or the learning rate is lowered where the old cooldown would have
    begun, or both, each until the learning rate is again the best one by the bound: as
    `scheduled.extend_by_cooldown` and `scheduled.extend_by_lowering` do it. "Both" cools down over
    a fraction half way between the old and the longer one.

    Parameters
    ----------
    plan : Plan
        A schedule with a plateau and a cooldown, whose learning rate is tuned for its own steps.
    to_steps : int
        M, more than the plan has.
    now : int
        The step at which the run is: nothing before it can be changed. The learning rate is lowered
        no earlier than here.

    Raises
    ------
    NoAnswer
        If the plan has no plateau that could be held for longer.
    ValueError
        If a number is out of range.

    References
    ----------
    arXiv:2501.18965, on extending the horizon.

    Examples
    --------
    >>> from scheduled.answers import read_spec
    >>> found = extend(read_spec("wsd:steps=20000,warmup=300,cooldown=.2,lr=1e-3"), 40000)
    >>> [(way.name, round(way.cooldown, 3), round(way.factor, 2)) for way in found.ways]
    [('cooldown', 0.636, 1.0), ('lower', 0.2, 0.53), ('both', 0.418, 0.72)]
    >>> found.ways[0].schedule.base_lr
    0.001
    """
    schedule = with_plateau(plan)
    T2 = check_steps("to_steps", to_steps, low=plan.steps + 1)
    now = check_integer("now", now, low=0, high=T2 - 1)
    start = schedule.steps - schedule.cooldown_steps
    assumed = []
    if now > start:
        if _has_cooled(plan, now):
            now = 0
            assumed.append(
                f"The run's cooldown has begun at step {start}: each way starts from a checkpoint "
                "at its branch step, or just before."
            )
        else:
            assumed.append(f"The learning rate was held from step {start} up to step {now}.")
    lr = schedule.base_lr
    relative = replace(
        schedule,
        base_lr=1.0,
        warmup_lr=schedule.relative("warmup_lr"),
        warmup_lr_absolute=False,
        final_lr=schedule.relative("final_lr"),
        final_lr_absolute=False,
    )
    ways = []
    longer = CooldownLength.of(relative, T2, 1.0, 1.0)
    way = closest_way("cooldown", longer, lr)
    if way.branch < now:
        # What is left of it: a cooldown that begins now.
        late = longer.result((T2 + 1 - now) / (T2 + 1))
        off = late.optimal_base_lr / late.base_lr
        note = (
            f"the right one (c = {way.cooldown:.3f}) had to begin at step {way.branch}; this one "
            f"begins now, and its best learning rate is ×{off:.3f} of yours"
        )
        way = replace(found_way("cooldown", late, lr, note), branch=now)
    ways.append(way)
    if isinstance(relative, WSDSchedule):
        lower = Lowered.of(relative, T2, 1.0, 1.0).at(now, relative.cooldown_len)
        ways.append(closest_way("lower", lower, lr))
        middle = (relative.cooldown_len + way.cooldown) / 2
        latest = (T2 - max(now, start)) / (T2 + 1)
        if middle < latest and way.cooldown > relative.cooldown_len:
            ways.append(closest_way("both", lower.at(now, middle), lr))
    same, why = None, ""
    if plan.run is not None:
        try:
            same = _same_plan(plan, schedule, T2, now)
        except NoAnswer as error:
            why = str(error)
    return Extended(plan, T2, now, tuple(ways), tuple(assumed), same, why)


def _same_plan(plan: Plan, schedule: CooldownSchedule, T2: int, now: int) -> Forecasted:
    """The loss of the plan with the same cooldown fraction, stretched.

    Raises
    ------
    NoAnswer
        If the log does not tell it.
    """
    assert plan.run is not None
    shared = load_shared()
    trunk = trunk_of(plan.run, now or held_until(plan.run), plan, shared)
    stretched = replace(schedule, steps=T2 + 1)
    if not isinstance(stretched, WSDSchedule):
        raise NoAnswer(f"{plan.name}: its learning rate is not held before the cooldown")
    if stretched.steps - stretched.cooldown_steps < trunk.now:
        raise NoAnswer(
            f"{plan.name}: at step {trunk.now} the old cooldown fraction would have begun already"
        )
    return forecast_rates(trunk, stretched, noise_of(trunk, (), shared), shared)


def _has_cooled(plan: Plan, now: int) -> bool:
    """Whether the log shows that the learning rate fell before it got here."""
    if plan.run is None or plan.lr is None:
        return False
    rates = plan.run.table[["step", "learning_rate"]].dropna()
    upto = rates.loc[rates["step"] <= now, "learning_rate"]
    return bool(len(upto) and upto.iloc[-1] < 0.99 * plan.lr)
