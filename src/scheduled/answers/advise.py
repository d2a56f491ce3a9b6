"""One page with all that some logs can answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from scheduled.answers.check import UNDECLARED, check
from scheduled.answers.extend import extend
from scheduled.answers.forecast import forecast
from scheduled.answers.page import NoAnswer, Page, brief, unnamed
from scheduled.answers.picture import Picture
from scheduled.answers.plan import Plan, plan_of_run
from scheduled.answers.read import curves_of
from scheduled.answers.sweep import sweep
from scheduled.laws.forecast import MOST_REACH
from scheduled.runs.read import LoggedRun
from scheduled.schedules.wsd import WSDSchedule

__all__ = ["advise"]

_MOST = 8
_ASKED = ("sweep", "extend", "forecast")


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
    checks = [check(run, plan).page() for run in runs[:_MOST]]
    one = runs[0] if len(runs) == 1 else None
    behind = _extendable(runs, plan)
    answers: dict[str, Page] = {}
    unanswered: list[str] = []

    def ask(name: str, question: str, answer: Callable[[], Page]) -> None:
        try:
            answers[name] = answer()
        except (NoAnswer, ValueError) as error:
            unanswered.append(f"{question}: {unnamed(str(error), one)}")

    def go_on() -> Page:
        if to_steps is None:
            raise NoAnswer("say to how many steps (--to-steps M).")
        if one is None or behind is None:
            raise NoAnswer("one log at a time, with its schedule.")
        return extend(behind, to_steps, int(one.facts["last_step"])).page()

    def cool_down() -> Page:
        if one is None:
            raise NoAnswer("one log at a time.")
        return forecast(one, _cooldown(behind), plan=plan).page()

    ask("sweep", "Which learning rate is best", lambda: sweep(runs, None, plan).page())
    ask("extend", "How to train past the plan", go_on)
    ask("forecast", "What the loss will be if it cools down now", cool_down)
    told = list(answers.values())
    # What is wrong with a log comes before what it says; that nothing is, after.
    wrong = [page for page in checks if any(item["serious"] for item in page.data["found"])]
    fine = [page for page in checks if page not in wrong]
    pages = [*wrong, *told, *fine]
    lines = [line for page in (*wrong, *told) for line in (*page.lines, page.verbatim) if line]
    if len(fine) == 1:
        lines += fine[0].lines[:1]
    elif fine:
        lines.append(f"{len(fine)} logs: nothing wrong was found.")
    if plan is None:
        lines = [*(line for line in lines if line != UNDECLARED), UNDECLARED]
    lines += [f"Not answered. {each}" for each in unanswered]
    limits = list(dict.fromkeys(limit for page in told for limit in page.limits))
    tables = tuple(
        replace(table, title=brief(f"{page.title} {page.data.get('run') or ''}".strip(), 60))
        for page in pages
        for table in page.tables
    )
    data: dict[str, Any] = {"checks": [page.data for page in checks]}
    data |= {name: answers[name].data if name in answers else None for name in _ASKED}
    data |= {"open": unanswered, "limits": limits}
    pictures = [
        answers[name].picture for name in ("extend", "forecast", "sweep") if name in answers
    ]
    picture = next(iter(pictures), None) or Picture(*curves_of(runs[:_MOST]))
    return Page("advise", tuple(lines), tables, tuple(limits), data, picture)


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
