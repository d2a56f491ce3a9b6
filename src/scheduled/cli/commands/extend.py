"""``scheduled extend``."""

from typing import TYPE_CHECKING, Annotated

import typer

from scheduled.cli.options import Framework, OfRun, Schedule, Steps

if TYPE_CHECKING:
    from scheduled.answers.page import Page


def run(
    source: Annotated[
        str, typer.Argument(help="The log of the run, or its plan.", metavar="LOG|SPEC")
    ],
    to_steps: Annotated[int, typer.Option("--to-steps", help="Steps in all, M.", metavar="M")],
    now: Annotated[
        int | None,
        typer.Option("--now", help="The step it is at; a log's last one by default.", metavar="K"),
    ] = None,
    schedule: Schedule = None,
    framework: Framework = None,
    steps: Steps = None,
    of_run: OfRun = None,
) -> "Page":
    """Go on past the plan with the learning rate there is."""
    from dataclasses import replace

    from scheduled.answers.extend import extend
    from scheduled.answers.plan import read_run, read_spec

    if schedule is None:
        plan = read_spec(source, framework, steps=steps, run=of_run)
    else:
        plan = replace(read_spec(schedule, framework, steps=steps), run=read_run(source, of_run))
    if now is None:
        now = int(plan.run.facts["last_step"]) if plan.run else 0
    return extend(plan, to_steps, now).page()
