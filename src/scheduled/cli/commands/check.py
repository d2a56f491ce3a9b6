"""``scheduled check``."""

from typing import TYPE_CHECKING, Annotated

import typer

from scheduled.cli.options import Columns, Format, Framework, OfRun, PerEpoch, Schedule, Steps

if TYPE_CHECKING:
    from scheduled.answers.page import Page


def run(
    source: Annotated[
        str, typer.Argument(help="A log, or a schedule (SPEC) alone.", metavar="LOG|SPEC")
    ],
    schedule: Schedule = None,
    framework: Framework = None,
    steps: Steps = None,
    of_run: OfRun = None,
    format: Format = None,
    columns: Columns = None,
    steps_per_epoch: PerEpoch = None,
) -> "Page":
    """Compare a log with its config; look for mistakes in both."""
    from scheduled.answers.check import check
    from scheduled.answers.spec import is_log, read_spec
    from scheduled.cli.options import read_one_run

    plan = read_spec(schedule, framework, steps=steps) if schedule else None
    if plan is None and not is_log(source):
        return check(None, read_spec(source, framework), steps).page()
    run = read_one_run(source, format, columns, steps_per_epoch, of_run)
    return check(run, plan, steps).page()
