"""``scheduled advise``."""

from typing import TYPE_CHECKING, Annotated

import typer

from scheduled.cli.options import Columns, Format, Framework, Logs, PerEpoch, Schedule

if TYPE_CHECKING:
    from scheduled.answers.page import Page


def run(
    logs: Logs,
    to_steps: Annotated[
        int | None, typer.Option("--to-steps", help="Steps to extend to, M.", metavar="M")
    ] = None,
    schedule: Schedule = None,
    framework: Framework = None,
    format: Format = None,
    columns: Columns = None,
    steps_per_epoch: PerEpoch = None,
) -> "Page":
    """Ask these logs all that they can answer."""
    from scheduled.answers.advise import advise
    from scheduled.answers.spec import read_spec
    from scheduled.cli.options import read_runs

    plan = read_spec(schedule, framework) if schedule else None
    return advise(read_runs(logs, format, columns, steps_per_epoch), plan, to_steps)
