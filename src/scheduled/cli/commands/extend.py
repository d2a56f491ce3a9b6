"""``scheduled extend``."""

from typing import TYPE_CHECKING, Annotated

import typer

from scheduled.cli.options import Columns, Format, Framework, OfRun, PerEpoch, Schedule, Steps

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
    format: Format = None,
    columns: Columns = None,
    steps_per_epoch: PerEpoch = None,
) -> "Page":
    """Train past the plan at the learning rate it has."""
    from dataclasses import replace

    from scheduled.answers.extend import extend
    from scheduled.answers.plan import plan_of_run
    from scheduled.answers.spec import is_log, read_spec
    from scheduled.cli.options import read_one_run

    if schedule is None and not is_log(source):
        plan = read_spec(source, framework, steps=steps)
    else:
        run = read_one_run(source, format, columns, steps_per_epoch, of_run)
        if schedule is None:
            plan = plan_of_run(run)
        else:
            plan = replace(read_spec(schedule, framework, steps=steps), run=run)
    if now is None:
        now = int(plan.run.facts["last_step"]) if plan.run else 0
    return extend(plan, to_steps, now).page()
