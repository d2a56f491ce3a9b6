"""``scheduled sweep``."""

from typing import TYPE_CHECKING, Annotated

import typer

from scheduled.cli.options import Columns, Format, Framework, Logs, PerEpoch, Schedule

if TYPE_CHECKING:
    from scheduled.answers.page import Page


def run(
    logs: Logs,
    noise: Annotated[
        float | None,
        typer.Option("--noise", help="Standard deviation of the loss between repeated runs."),
    ] = None,
    schedule: Schedule = None,
    framework: Framework = None,
    format: Format = None,
    columns: Columns = None,
    steps_per_epoch: PerEpoch = None,
) -> "Page":
    """Find the best of several learning rates, and how sure that is."""
    from scheduled.answers.spec import read_spec
    from scheduled.answers.sweep import sweep
    from scheduled.cli.options import read_runs

    plan = read_spec(schedule, framework) if schedule else None
    return sweep(read_runs(logs, format, columns, steps_per_epoch), noise, plan).page()
