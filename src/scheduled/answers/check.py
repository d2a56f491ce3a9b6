"""Does the log do what the config says, and does the config do what its user thinks?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from scheduled.answers.page import Page, Table, brief
from scheduled.answers.picture import Curve, Picture
from scheduled.answers.plan import Plan
from scheduled.core.errors import shorten
from scheduled.lint import Finding, lint
from scheduled.runs.log_checks import against_schedule
from scheduled.runs.read import LoggedRun

__all__ = ["Checked", "Item", "check"]


_FEW_ROWS = 10


@dataclass(frozen=True)
class Item:
    """One thing that was found.

    Attributes
    ----------
    where : {"log", "schedule", "both"}
        Where: in the log, in the schedule, or between the two.
    code : str
    step : int or None
    value : float or None
    message : str
    serious : bool
        False for what most trainers do anyway.
    """

    where: Literal["log", "schedule", "both"]
    code: str
    step: int | None
    value: float | None
    message: str
    serious: bool = True


UNDECLARED = "Nothing was declared: --schedule SPEC compares every learning rate."


@dataclass(frozen=True)
class Checked:
    """All that was found about a run, a schedule, or both."""

    run: LoggedRun | None
    plan: Plan | None
    items: tuple[Item, ...]

    def page(self) -> Page:
        """What is printed."""
        serious = [item for item in self.items if item.serious]
        names = " against ".join(
            brief(name, 60)
            for name in (self.run and self.run.name, self.plan and self.plan.name)
            if name
        )
        count = {0: "nothing wrong was found", 1: "1 thing to look at"}.get(
            len(serious), f"{len(serious)} things to look at"
        )
        rows = tuple(
            (
                "!" if item.serious else "note",
                item.where,
                "–" if item.step is None else str(item.step),
                f"{item.code}: {item.message}",
            )
            for item in self.items
        )
        tables = (Table(("", "in", "step", "what"), rows),) if rows else ()
        data: dict[str, Any] = {
            "run": self.run.name if self.run else None,
            "schedule": self.plan.name if self.plan else None,
            "found": [vars(item) for item in self.items],
        }
        curves, losses = [], []
        if self.run is not None:
            rates = self.run.table[["step", "learning_rate"]].dropna().to_numpy(float)
            curves.append(Curve("logged", rates[:, 0], rates[:, 1]))
            train = self.run.table[["step", "train_loss"]].dropna().to_numpy(float)
            losses = [Curve("train loss", train[:, 0], train[:, 1])] if len(train) else []
        if self.plan is not None:
            curves.append(Curve("declared", *self.plan.curve()))
        picture = Picture(tuple(curves), tuple(losses))
        codes = list(dict.fromkeys(item.code for item in serious))
        lines = [f"{names}: {count}{f' ({shorten(codes)})' if codes else ''}."]
        if self.plan is None:
            lines.append(UNDECLARED)
        return Page("check", tuple(lines), tables, (), data, picture)


def check(
    run: LoggedRun | None = None, plan: Plan | None = None, steps: int | None = None
) -> Checked:
    """Compare a logged run with a schedule, and look for what may be wrong with either.

    Parameters
    ----------
    run : LoggedRun, optional
    plan : Plan, optional
        What the run was meant to do.
    steps : int, optional
        T, the steps that are trained, where they differ from the plan's.

    Returns
    -------
    Checked
        In the order log, both, schedule.

    Examples
    --------
    >>> from scheduled.answers import read_spec
    >>> plan = read_spec("wsd:steps=100,warmup=5,cooldown=45,lr=1e-3")
    >>> [(item.code, round(item.value, 2)) for item in check(plan=plan, steps=80).items][1]
    ('decay-cut', 0.47)
    """
    items: list[Item] = []
    if run is not None:
        items += [
            Item("log", w.code, w.step, w.value, w.message, w.serious or w.code == "diverged")
            for w in run.warnings
        ]
        rows = max(run.facts["train_rows"], run.facts["val_rows"])
        if rows < _FEW_ROWS:
            text = f"fewer than {_FEW_ROWS} rows: too few for most checks"
            items.append(Item("log", "few-rows", None, float(rows), text, False))
    if run is not None and plan is not None:
        items += _against(run, plan)
    if plan is not None:
        items += [_item(each) for each in lint(plan.schedule, steps=steps)]
    return Checked(run, plan, tuple(items))


def _item(found: Finding) -> Item:
    message = f"{found.message}; {found.advice}"
    return Item("schedule", found.code, found.step, found.value, message, found.level == "warning")


def _against(run: LoggedRun, plan: Plan) -> list[Item]:
    """What the logged learning rates and steps have to do with the schedule's."""
    rates, lrs = run.rates, plan.schedule.schedule
    if not len(rates):
        text = "no learning rate was logged: the schedule cannot be compared"
        return [Item("both", "lr-missing", None, None, text)]
    items = [
        Item("both", "lr-differs", each.step, each.value, each.message)
        for each in against_schedule(rates, lrs)
    ]
    last = int(run.facts["last_step"])
    if last < 0.98 * plan.steps:
        ends = float(lrs[min(last, lrs.size - 1)] / lrs.max())
        items.append(
            Item(
                "both",
                "stopped-early",
                last,
                ends,
                f"the log ends at step {last} of {plan.steps}, where the schedule is at "
                f"{100 * ends:.3g} % of its peak",
            )
        )
    elif last > plan.steps:
        items.append(
            Item(
                "both",
                "beyond-the-schedule",
                plan.steps,
                float(last),
                f"the log goes on to step {last}, the schedule ends at step {plan.steps}",
            )
        )
    return items
