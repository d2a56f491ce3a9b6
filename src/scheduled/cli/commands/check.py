"""``scheduled check``."""

from pathlib import Path
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
    from scheduled.answers.plan import is_log, read_spec
    from scheduled.cli.options import read_runs

    plan = read_spec(schedule, framework, steps=steps) if schedule else None
    if plan is None and not is_log(source):
        return check(None, read_spec(source, framework), steps).page()
    runs = read_runs([Path(source)], format, columns, steps_per_epoch, of_run)
    if len(runs) > 1:
        names = ", ".join(each.name for each in runs[:6])
        raise ValueError(f"{source}: {len(runs)} runs in it ({names}): choose one with --run")
    return check(runs[0], plan, steps).page()
