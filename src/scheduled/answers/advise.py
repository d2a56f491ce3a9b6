"""One page with all that some logs can answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from scheduled.answers.check import check
from scheduled.answers.evidence import COOLDOWN_LIMIT
from scheduled.answers.extend import extend
from scheduled.answers.forecast import forecast
from scheduled.answers.page import NoAnswer, Page, Table
from scheduled.answers.picture import Picture
from scheduled.answers.plan import Plan, plan_of_run
from scheduled.answers.read import curves_of
from scheduled.answers.sweep import sweep
from scheduled.laws.forecast import MOST_REACH
from scheduled.runs.read import LoggedRun
from scheduled.schedules.wsd import WSDSchedule

__all__ = ["advise"]

_MOST = 8


def advise(
    runs: Sequence[LoggedRun], plan: Plan | None = None, to_steps: int | None = None
) -> Page:
    """Ask every question that logs can answer, and say which ones they cannot.

    Parameters
    ----------
    runs : sequence of LoggedRun
    plan : Plan, optional
        What the runs were meant to do.
    to_steps : int, optional
        Steps to go on to.

    """
    lines: list[str] = []
    tables: list[Table] = []
    limits: list[str] = []
    open_questions: list[str] = []
    data: dict[str, Any] = {"checks": [], "sweep": None, "extend": None, "forecast": None}
    for run in runs[:_MOST]:
        page = check(run, plan).page()
        lines += page.lines
        tables += page.tables
        data["checks"].append(page.data)
    try:
        page = sweep(runs, None, plan).page()
    except (NoAnswer, ValueError) as error:
        open_questions.append(f"Which learning rate is best: {error}")
    else:
        lines += page.lines
        tables += page.tables
        limits += page.limits
        data["sweep"] = page.data
    picture: Picture | None = Picture(*curves_of(runs[:_MOST]))
    behind = _extendable(runs, plan)
    if to_steps is None:
        open_questions.append("How to go on past the plan: say to how many steps (--to-steps M).")
    elif behind is None:
        open_questions.append("How to go on past the plan: one log at a time, with its schedule.")
    else:
        try:
            now = int(behind.run.facts["last_step"]) if behind.run else 0
            page = extend(behind, to_steps, now).page()
        except (NoAnswer, ValueError) as error:
            open_questions.append(f"How to go on past the plan: {error}")
        else:
            lines += [*page.lines, page.verbatim]
            tables += page.tables
            limits += page.limits
            data["extend"] = page.data
            picture = page.picture
    if behind is not None and behind.kind in ("wsd", "linear"):
        limits.append(COOLDOWN_LIMIT)
    question = "What the loss will be, if it cools down now"
    if len(runs) != 1:
        open_questions.append(f"{question}: one log at a time.")
    else:
        try:
            page = forecast(runs[0], _cooldown(behind), plan=plan).page()
        except (NoAnswer, ValueError) as error:
            open_questions.append(f"{question}: {error}")
        else:
            lines += [*page.lines, page.verbatim]
            tables += page.tables
            limits += page.limits
            data["forecast"] = page.data
            picture = picture if data["extend"] else page.picture
    lines += [f"Open. {each}" for each in open_questions]
    limits = list(dict.fromkeys(limits))
    data |= {"open": open_questions, "limits": limits}
    return Page("advise", tuple(lines), tuple(tables), tuple(limits), data, picture)


def _extendable(runs: Sequence[LoggedRun], plan: Plan | None) -> Plan | None:
    if len(runs) != 1:
        return None
    if plan is not None:
        return replace(plan, run=runs[0])
    try:
        return plan_of_run(runs[0])
    except NoAnswer:
        return None


def _cooldown(plan: Plan | None) -> float:
    """The plan's own cooldown fraction, where it can be forecast; else a fifth."""
    if plan is not None and isinstance(plan.schedule, WSDSchedule):
        fraction = plan.schedule.cooldown_steps / plan.schedule.steps
        if 0 < fraction <= 1 - 1 / MOST_REACH:
            return fraction
    return 0.2
